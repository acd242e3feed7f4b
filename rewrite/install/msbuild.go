package install

import (
	"path"
	"regexp"
	"strings"
)

// evaluation is one project with what it imports, as far as a restore needs it: in
// MSBuild's order, with properties that are set once and for all.
type evaluation struct {
	*solution
	file  string // the project
	depth int
	props map[string]string // by name in lower case; unknown for those that conditions decide
	steps int
}

// unknown is the value of a property that only MSBuild knows.
const unknownProperty = "\x00"

// Bounds of an evaluation.
const (
	maxImports  = 300
	maxProperty = 4096
)

// project reads a project file ("Customize your build": Directory.Build.props and
// Directory.Packages.props before it, Directory.Build.targets behind it, the
// nearest upwards of each).
func (d *solution) project(file string, depth int) {
	dir := path.Dir(file)
	e := &evaluation{solution: d, file: file, depth: depth, props: map[string]string{}}
	d.sources(dir)
	d.nearest(dir, "global.json")
	d.nearest(dir, "Directory.Build.rsp")
	for _, name := range []string{"Directory.Build.props", "Directory.Packages.props"} {
		if at, ok := d.nearest(dir, name); ok {
			e.load(at, 0)
		}
	}
	e.load(file, 0)
	e.optional(file + ".user")
	if at, ok := d.nearest(dir, "Directory.Build.targets"); ok {
		e.load(at, 0)
	}
	d.has(path.Join(dir, "packages.lock.json"))
	name := strings.ReplaceAll(strings.TrimSuffix(path.Base(file), path.Ext(file)), " ", "_")
	if at := path.Join(dir, "packages."+name+".lock.json"); d.Tree.Has(at) {
		d.has(at)
	}
	if at := path.Join(dir, "packages.config"); d.Tree.Has(at) {
		d.has(at)
	}
	d.makes(path.Join(dir, "obj"))
}

// optional reads a file that a project imports where it is there; nobody creates
// it unnoticed, so that its absence needs no word.
func (e *evaluation) optional(file string) {
	if e.Tree.Has(file) {
		e.load(file, 0)
	}
}

// load reads a project, or a file that one imports.
func (e *evaluation) load(file string, depth int) {
	if e.steps++; e.steps > maxImports || depth > 30 {
		e.hazard("%s imports more than %d files", e.file, maxImports)
		return
	}
	root, ok := e.xml(file)
	if !ok {
		return
	}
	if root.attr["InitialTargets"] != "" {
		e.hazard("%s has targets that run before all else", file)
	}
	for _, k := range root.kids {
		e.part(file, k, k.attr["Condition"], depth)
	}
}

// part reads a child of Project, or of one of its Choose, When and ImportGroup.
func (e *evaluation) part(file string, p *element, condition string, depth int) {
	e.condition(file, p)
	switch p.name {
	case "PropertyGroup":
		for _, k := range p.kids {
			e.property(file, k, condition+k.attr["Condition"])
		}
	case "ItemGroup":
		for _, k := range p.kids {
			e.item(file, k)
		}
	case "Import":
		if p.attr["Sdk"] == "" {
			e.importing(file, p, depth)
		}
	case "ImportGroup", "Choose", "When", "Otherwise":
		if p.name != "ImportGroup" {
			condition += "choose"
		}
		for _, k := range p.kids {
			e.part(file, k, condition+k.attr["Condition"], depth)
		}
	case "Target":
		when := p.attr["BeforeTargets"] + ";" + p.attr["AfterTargets"]
		if restoreTargets.MatchString(when) {
			e.hazard("%s has a target that runs with restore", file)
		}
	}
}

var (
	restoreTargets = regexp.MustCompile(`(?i)restore|CollectPackageReferences|CollectPackageDownloads`)
	readsFile      = regexp.MustCompile(`(?i)\[System\.IO\.(File|Directory)\]::(?:Read|Get(?:Files|Dir)|Enumerate|Open)|\$\(\[System\.Diagnostics`)
	existsIn       = regexp.MustCompile(`(?i)\bExists\s*\(\s*'([^']*)'\s*\)`)
	unsetCondition = regexp.MustCompile(`^\s*'\$\((\w+)\)'\s*==\s*''\s*$`)
	propertyUse    = regexp.MustCompile(`\$\((\w+)\)`)
	fileAbove      = regexp.MustCompile(`(?i)\$\(\[MSBuild\]::(GetPathOfFileAbove|GetDirectoryNameOfFileAbove)\(\s*([^()]*(?:\$\(\w+\)[^()]*)*)\)\)`)
	ofTools        = regexp.MustCompile(`(?i)^\$\((MSBuildExtensionsPath\w*|MSBuildToolsPath\w*|MSBuildBinPath|MSBuildSDKsPath|VSToolsPath|VCTargetsPath|NuGetPackageRoot|Pkg\w+|MSBuildFrameworkToolsPath|MSBuildUserExtensionsPath|UserProfile|HOME|MSBuildRuntimeDirectory|NetCoreTargetingPackRoot|DOTNET_ROOT|ProgramFiles\w*|RoslynTargetsPath|BaseIntermediateOutputPath|IntermediateOutputPath|OutputPath|OutDir|ProjectAssetsFile|MSBuildProjectExtensionsPath|DevEnvDir|CodeAnalysisTreePath|TargetFrameworkRootPath|TEMP|TMP)\)`)
)

// condition notes the files on whose being there a condition depends.
func (e *evaluation) condition(file string, p *element) {
	p.walk(func(k *element) {
		for _, text := range []string{k.attr["Condition"], k.attr["Include"], k.attr["Project"], k.text} {
			if p.name != "Target" && readsFile.MatchString(text) {
				e.hazard("%s reads files by code in a property", file)
			}
		}
		if k.name == "Import" {
			return // its own path is noted
		}
		for _, m := range existsIn.FindAllStringSubmatch(k.attr["Condition"], -1) {
			if ofTools.MatchString(m[1]) {
				continue
			}
			name, ok := e.expand(file, m[1])
			if !ok {
				if p.name != "Target" && p.name != "ItemGroup" {
					e.hazard("%s asks whether %s exists", file, m[1])
				}
				continue
			}
			if at, ok := e.at(path.Dir(e.file), name); ok {
				e.has(at)
			}
		}
	})
}

// property keeps the value of a property where no condition decides it.
func (e *evaluation) property(file string, p *element, condition string) {
	name := strings.ToLower(p.name)
	old, set := e.props[name]
	if m := unsetCondition.FindStringSubmatch(condition); m != nil && strings.EqualFold(m[1], p.name) {
		if set {
			return
		}
		condition = ""
	}
	value, ok := e.expand(file, p.text)
	if condition != "" && (!set || old != value) || !ok {
		value = unknownProperty
	}
	e.props[name] = value
	switch name {
	case "restoreconfigfile", "nugetlockfilepath", "baseintermediateoutputpath", "msbuildprojectextensionspath", "directorybuildpropspath", "directorybuildtargetspath", "directorypackagespropspath":
		e.hazard("%s sets %s", file, p.name)
	case "restorepackagespath":
		if at, ok := e.at(path.Dir(e.file), value); ok && value != unknownProperty {
			e.makes(at)
		}
	case "useartifactsoutput":
		// "Artifacts output layout": beside Directory.Build.props, or the project.
		for _, dir := range e.upwards(path.Dir(e.file)) {
			e.makes(path.Join(dir, "artifacts"))
		}
	case "restoresources", "restoreadditionalprojectsources", "restoreadditionalprojectfallbackfolders":
		e.places(file, p.text)
	}
}

// places are sources of packages, of which some are folders.
func (e *evaluation) places(file, list string) {
	for place := range strings.SplitSeq(list, ";") {
		place = strings.TrimSpace(place)
		if place == "" || strings.Contains(place, "://") || strings.EqualFold(place, "$(RestoreSources)") || strings.EqualFold(place, "$(RestoreAdditionalProjectSources)") {
			continue
		}
		name, ok := e.expand(file, place)
		if !ok {
			e.hazard("%s names the source %s", file, place)
			continue
		}
		if at, ok := e.at(path.Dir(e.file), name); ok {
			e.has(at)
		}
	}
}

// item follows references to other projects, whatever their conditions.
func (e *evaluation) item(file string, k *element) {
	if k.name != "ProjectReference" {
		return
	}
	for name := range strings.SplitSeq(k.attr["Include"], ";") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		to, ok := e.expand(file, name)
		if !ok || strings.ContainsAny(to, "*?@%") {
			e.hazard("%s references %s, which only MSBuild resolves", file, name)
			continue
		}
		at, ok := e.at(path.Dir(e.file), to)
		if !ok {
			e.hazard("%s references %s, which is outside of what was copied", file, name)
			continue
		}
		e.solution.file(at, e.depth+1)
	}
}

// importing follows an Import.
func (e *evaluation) importing(file string, p *element, depth int) {
	name := p.attr["Project"]
	if name == "" || ofTools.MatchString(name) {
		return
	}
	if strings.Contains(strings.ToLower(name), ".paket") {
		e.hazard("%s has Paket restore its packages", file)
		return
	}
	to, ok := e.expand(file, name)
	if !ok || strings.ContainsAny(to, "*?;") {
		e.hazard("%s imports %s, which only MSBuild resolves", file, name)
		return
	}
	at, ok := e.at(path.Dir(file), to)
	if to == "" || !ok {
		return // nothing above, or a file of the image
	}
	if p.attr["Condition"] == "" {
		e.needed(at)
	} else {
		e.has(at)
	}
	if e.Tree.Has(at) {
		e.load(at, depth+1)
	}
}
