package install

import (
	"path"
	"strings"
)

// expand is a text of a file with its properties in place, and slashes for
// backslashes. Folders are those of the image.
func (e *evaluation) expand(file, text string) (string, bool) {
	if len(text) > maxProperty {
		return "", false
	}
	ok := true
	text = fileAbove.ReplaceAllStringFunc(text, func(call string) string {
		m := fileAbove.FindStringSubmatch(call)
		found, known := e.above(file, strings.EqualFold(m[1], "GetPathOfFileAbove"), m[2])
		ok = ok && known
		return found
	})
	text = propertyUse.ReplaceAllStringFunc(text, func(use string) string {
		name := strings.ToLower(use[2 : len(use)-1])
		of := func(at string) string {
			if rest, ok := cutFolder(at, path.Clean(e.Root)); ok && path.Clean(e.Root) != "." {
				at = rest
			}
			return path.Join(e.At, at)
		}
		switch name {
		case "msbuildthisfiledirectory":
			return of(path.Dir(file)) + "/"
		case "msbuildprojectdirectory":
			return of(path.Dir(e.file))
		case "msbuildthisfile":
			return path.Base(file)
		case "msbuildprojectfile":
			return path.Base(e.file)
		case "msbuildprojectname":
			return strings.TrimSuffix(path.Base(e.file), path.Ext(e.file))
		case "msbuildthisfilename":
			return strings.TrimSuffix(path.Base(file), path.Ext(file))
		case "msbuildprojectfullpath":
			return of(e.file)
		case "msbuildprojectextension":
			return path.Ext(e.file)
		}
		value, set := e.props[name]
		ok = ok && set && value != unknownProperty
		return value
	})
	if len(text) > maxProperty || strings.Contains(text, "$(") {
		return "", false
	}
	return slashes(text), ok
}

// above is MSBuild's search upwards ("Property functions": GetPathOfFileAbove).
func (e *evaluation) above(file string, whole bool, arguments string) (string, bool) {
	parts := strings.Split(arguments, ",")
	if !whole && len(parts) == 2 {
		parts[0], parts[1] = parts[1], parts[0]
	}
	for i := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(parts[i]), `'"`)
	}
	start := path.Dir(file)
	if len(parts) > 2 {
		return "", false
	}
	if len(parts) == 2 {
		to, ok := e.expand(file, parts[1])
		if !ok {
			return "", false
		}
		if start, ok = e.at(start, to); !ok {
			return "", true // above what was copied
		}
	}
	name, ok := e.expand(file, parts[0])
	if !ok || strings.Contains(name, "/") {
		return "", false
	}
	found, ok := e.nearest(start, name)
	if !ok {
		return "", true
	}
	if rest, inside := cutFolder(found, path.Clean(e.Root)); inside && path.Clean(e.Root) != "." {
		found = rest
	}
	if !whole {
		found = path.Dir(found)
	}
	return path.Join(e.At, found), true
}
