package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

const (
	wantCommands = "a list of commands"
	wantCommand  = "a command: text, a list of texts or a map with run and output"
	wantRun      = "text or a list of texts"
)

// commands reads the list of smoke commands.
func (d *decoder) commands(n ast.Node) (any, bool) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(startToken(n), "expected %s, found %s", wantCommands, describe(n))
		return nil, false
	}
	if len(seq.Values) > maxCommands {
		d.fail(seq.Values[maxCommands].GetToken(), "more than %d commands, remove some", maxCommands)
		return nil, false
	}
	out := make([]SmokeCommand, 0, len(seq.Values))
	before := len(d.errs)
	for _, item := range seq.Values {
		if d.full() {
			return nil, false
		}
		value := d.deref(item)
		if value == nil {
			continue
		}
		var c SmokeCommand
		switch value.(type) {
		case *ast.MappingNode, *ast.MappingValueNode:
			d.commandMap(value, &c)
		default:
			d.run(value, &c, wantCommand)
		}
		out = append(out, c)
	}
	return out, len(d.errs) == before
}

// commandMap reads a command that says more than what to run.
func (d *decoder) commandMap(n ast.Node, c *SmokeCommand) {
	hasRun, before := false, len(d.errs)
	for key, v := range d.entries(n, wantCommand, []string{"run", "output"}) {
		hasRun = hasRun || key == "run"
		value := d.deref(v.Value)
		switch {
		case value == nil:
		case key == "run":
			d.run(value, c, wantRun)
		default:
			on, _ := d.bool(value)
			c.Output = on == true
		}
	}
	// A mistyped key has been reported, and is most likely the one missing.
	if !hasRun && len(d.errs) == before {
		d.fail(startToken(n), "expected the key run in a command, found none, add it")
	}
}

// run reads a command in shell or exec form.
func (d *decoder) run(n ast.Node, c *SmokeCommand, want string) {
	seq, isList := n.(*ast.SequenceNode)
	if !isList {
		text, ok := d.text(n, want)
		if !ok {
			return
		}
		c.Shell = text
		err := checkShell(text)
		if err == nil && listLike.MatchString(text) {
			err = fmt.Errorf("a list in quotes is %s, remove the quotes around it", quote(text))
		}
		if err != nil {
			d.fail(startToken(n), "%s", err.Error())
		}
		return
	}
	if len(seq.Values) > maxArgs {
		d.fail(startToken(n), "more than %d arguments, use a script", maxArgs)
		return
	}
	argv, ok := d.list(n, want, func(*token.Token, string) bool { return true })
	if !ok {
		return
	}
	c.Argv = argv.([]string)
	if err := checkArgv(c.Argv); err != nil {
		d.fail(startToken(n), "%s", err.Error())
	}
}

// paths reads a list of paths in the build context.
func (d *decoder) paths(n ast.Node) (any, bool) {
	out := []string{}
	_, ok := d.list(n, "a list of paths", func(tk *token.Token, text string) bool {
		p, err := contextPath(text)
		if err != nil {
			d.fail(tk, "%s", err.Error())
			return false
		}
		out = append(out, p)
		return true
	})
	return out, ok
}

// server reads how to ask a server. An empty map is none, so that what is
// shown without one can be read again.
func (d *decoder) server(n ast.Node) (any, bool) {
	s := &Server{Path: defaultPath, Wait: defaultWait}
	before := len(d.errs)
	hasPort, hasOther := false, false
	for key, v := range d.entries(n, "a map with port, path and wait", []string{"port", "path", "wait"}) {
		hasPort = hasPort || key == "port"
		hasOther = hasOther || key != "port"
		value := d.deref(v.Value)
		if value == nil {
			continue
		}
		switch key {
		case "port":
			s.Port, _ = d.number(value, "a port", maxPort)
		case "path":
			d.serverText(value, "a path that begins with a slash", func(text string) (err error) {
				s.Path = text
				if !serverPath.MatchString(text) {
					err = fmt.Errorf("expected a path that begins with a slash and has neither spaces nor #, found %s", quote(text))
				}
				return err
			})
		default:
			d.serverText(value, "a duration such as 30s or 2m", func(text string) (err error) {
				s.Wait, err = parseWait(text)
				return err
			})
		}
	}
	if len(d.errs) > before {
		return nil, false
	}
	if !hasPort && hasOther {
		d.fail(startToken(n), "expected the key port in server, found none, add it")
		return nil, false
	}
	if !hasPort {
		return (*Server)(nil), true
	}
	return s, true
}

// serverText reads a text that use may refuse.
func (d *decoder) serverText(n ast.Node, want string, use func(string) error) {
	text, ok := d.text(n, want)
	if !ok {
		return
	}
	if err := use(text); err != nil {
		d.fail(startToken(n), "%s", err.Error())
	}
}

// yamlCommands writes commands so that the reader above reads them back.
func yamlCommands(commands []SmokeCommand) string {
	items := make([]string, len(commands))
	for i, c := range commands {
		run := yamlText(c.Shell)
		if c.Argv != nil {
			run = yamlList(c.Argv)
		}
		if c.Output {
			run = "{run: " + run + ", output: true}"
		}
		items[i] = run
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func yamlServer(s *Server) string {
	if s == nil {
		return "{}"
	}
	return fmt.Sprintf("{port: %d, path: %s, wait: %s}", s.Port, yamlText(s.Path), shortDuration(s.Wait))
}
