package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/restow/restow/config"
	"github.com/restow/restow/rewrite"
	"github.com/restow/restow/rewrite/passes"
)

func explainCommand(a *app) *cobra.Command {
	var names []string
	for _, p := range passes.Suite {
		names = append(names, p.Name)
		if p.Rule != "" {
			names = append(names, p.Rule)
		}
	}
	return &cobra.Command{
		Use:       "explain PASS",
		Short:     "Say what a pass does, why that is right, and when it refuses",
		Long:      "Explain prints the documentation of a pass, given by its name or by the name of\nthe BuildKit rule it takes care of.",
		ValidArgs: names,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes the name of one pass; restow passes lists them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			p := passes.Find(args[0])
			if p == nil {
				err := fmt.Errorf("there is no pass %q; restow passes lists them", args[0])
				if like, ok := config.Suggest(args[0], names); ok {
					err = fmt.Errorf("there is no pass %q (did you mean %q?); restow passes lists them", args[0], like)
				}
				return exit{exitUsage, err}
			}
			fmt.Fprintf(a.out, "%s\n\n%s\n\n%s", p.Name, p.Doc, facts(p))
			return nil
		},
	}
}

// facts are the lines below a pass's documentation.
func facts(p *rewrite.Pass) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Claim:    %s [%s]\n", p.Claim, p.Claim.Safety())
	if p.Rule != "" {
		fmt.Fprintf(&b, "BuildKit: %s\n", p.Rule)
	}
	if len(p.Hadolint) > 0 {
		fmt.Fprintf(&b, "hadolint: %s\n", strings.Join(p.Hadolint, ", "))
	}
	fmt.Fprintf(&b, "Ignore:   # restow: ignore=%s reason (above the instruction)\n", p.Name)
	return b.String()
}

func passesCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "passes",
		Short: "List the passes in the order they run",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return a.passesJSON()
			}
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			for _, p := range passes.Suite {
				short, _, _ := strings.Cut(p.Doc, "\n")
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Name, p.Claim.Safety(), p.Rule, short)
			}
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) passesJSON() error {
	type doc struct {
		Name     string   `json:"name"`
		Safety   string   `json:"safety"`
		Claim    string   `json:"claim"`
		Rule     string   `json:"rule,omitempty"`
		Hadolint []string `json:"hadolint,omitempty"`
		Doc      string   `json:"doc"`
	}
	var out []doc
	for _, p := range passes.Suite {
		out = append(out, doc{p.Name, string(p.Claim.Safety()), p.Claim.String(), p.Rule, p.Hadolint, p.Doc})
	}
	return a.json(out)
}

func (a *app) json(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func versionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of restow and of the BuildKit it checks with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if asJSON {
				return a.json(v)
			}
			fmt.Fprintf(a.out, "restow %s (%s), BuildKit %s, %s\n", v.Version, v.Revision, v.BuildKit, v.Go)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	BuildKit string `json:"buildkit"`
	Go       string `json:"go"`
}

// readVersion takes everything from what the Go toolchain put into the binary.
func readVersion() version {
	v := version{Version: "(devel)", Revision: "unknown revision", BuildKit: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value[:min(len(s.Value), 12)]
		}
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/moby/buildkit" {
			v.BuildKit = m.Version
		}
	}
	return v
}

func configCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the configuration and its schema",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	show := &cobra.Command{
		Use:   "show [folder]",
		Short: "Print every setting that applies in a folder, and where it comes from",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if info, err := os.Stat(dir); err == nil && !info.IsDir() {
				dir = filepath.Dir(dir)
			}
			s, err := a.loader.Resolve(dir, nil, a.environ)
			if err != nil {
				return exit{exitUsage, err}
			}
			return config.WriteShow(a.out, s)
		},
	}
	schema := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of .restow.yaml",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(config.SchemaWith(a.loader.Names()))
			return err
		},
	}
	cmd.AddCommand(show, schema)
	return cmd
}

// docsCommand writes the page of each pass, for docs/ in the repository.
func docsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "docs DIR", Short: "Write a page for each pass", Hidden: true,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return writeDocs(args[0]) },
	}
}

// writeDocs writes DIR/NAME.md for every pass and DIR/README.md, the list.
func writeDocs(dir string) error {
	var index strings.Builder
	index.WriteString("# Passes\n\nIn the order in which they run. These pages are what `restow explain` prints;\n`make docs` writes them.\n\n| pass | safety | BuildKit's rule | what it does |\n|---|---|---|---|\n")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range passes.Suite {
		short, _, _ := strings.Cut(p.Doc, "\n")
		fmt.Fprintf(&index, "| [%s](%s.md) | %s | %s | %s |\n", p.Name, p.Name, p.Claim.Safety(), p.Rule, short)
		page := fmt.Sprintf("# %s\n\n%s\n\n```\n%s```\n", p.Name, p.Doc, facts(p))
		if err := os.WriteFile(filepath.Join(dir, p.Name+".md"), []byte(page), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "README.md"), []byte(index.String()), 0o644)
}
