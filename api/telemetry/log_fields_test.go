package telemetry_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/telemetry"
)

var update = flag.Bool("update", false, "write the table of docs/logs.md anew")

// said is what the service's code logs: names of attributes, and messages.
type said struct {
	names, messages map[string]bool
	constants       map[string]string // by package folder and name
}

// messageAt is which argument of a function of slog is the message.
var messageAt = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0, "DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1, "Log": 2, "LogAttrs": 2,
}

var attributeFunctions = []string{"String", "Int", "Int64", "Uint64", "Float64", "Bool", "Time", "Duration", "Any", "Group"}

// readCode looks at every file of the service, as the compiler does.
func readCode(t *testing.T) said {
	t.Helper()
	s := said{map[string]bool{}, map[string]bool{}, map[string]string{}}
	files := map[string]*ast.File{}
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == "benchmark" {
			return fs.SkipDir // is no part of the service
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		files[path] = file
		return err
	}))
	for path, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.ValueSpec); ok {
				for i, name := range spec.Names {
					if i < len(spec.Values) {
						if value, ok := literal(spec.Values[i]); ok {
							s.constants[filepath.Dir(path)+" "+name.Name] = value
						}
					}
				}
			}
			return true
		})
	}
	for path, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				s.read(t, filepath.Dir(path), call)
			}
			return true
		})
	}
	return s
}

func literal(of ast.Expr) (string, bool) {
	basic, ok := of.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}

func (s said) read(t *testing.T, folder string, call *ast.CallExpr) {
	t.Helper()
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if of, ok := function.X.(*ast.Ident); !ok || of.Name != "slog" {
		return
	}
	text := func(of ast.Expr) string {
		if name, ok := of.(*ast.Ident); ok {
			value, known := s.constants[folder+" "+name.Name]
			assert.True(t, known, "%s: %s is no constant", folder, name.Name)
			return value
		}
		value, ok := literal(of)
		assert.True(t, ok, "%s: a message or name that is no constant", folder)
		return value
	}
	if slices.Contains(attributeFunctions, function.Sel.Name) && !strings.HasSuffix(folder, "telemetry") {
		s.names[text(call.Args[0])] = true
	}
	at, ok := messageAt[function.Sel.Name]
	if !ok {
		return
	}
	s.messages[text(call.Args[at])] = true
	for rest := call.Args[at+1:]; len(rest) > 0; {
		if _, isAttr := rest[0].(*ast.CallExpr); isAttr {
			rest = rest[1:]
			continue
		}
		s.names[text(rest[0])] = true
		rest = rest[2:]
	}
}

func TestEveryFieldOfTheLogIsListed(t *testing.T) {
	t.Parallel()
	code := readCode(t)
	for _, always := range []string{"time", "level", "msg", "request_id", "trace_id", "span_id", "sampled_out"} {
		code.names[always] = true
	}
	var listed []string
	for _, field := range telemetry.LogFields() {
		listed = append(listed, field.Name)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(code.names)), listed, "the code and telemetry.LogFields()")

	const page = "../../docs/logs.md"
	content, err := os.ReadFile(page)
	require.NoError(t, err)
	table := regexp.MustCompile(`(?s)\| field \|.*?\n\n`)
	var want strings.Builder
	want.WriteString("| field | what it is |\n|---|---|\n")
	for _, field := range telemetry.LogFields() {
		fmt.Fprintf(&want, "| `%s` | %s |\n", field.Name, field.Description)
	}
	want.WriteString("\n")
	if *update {
		require.NoError(t, os.WriteFile(page, table.ReplaceAllLiteral(content, []byte(want.String())), 0o644))
		content, err = os.ReadFile(page)
		require.NoError(t, err)
	}
	assert.Equal(t, want.String(), table.FindString(string(content)), "go test ./api/telemetry -run TestEveryField -update")
	for message := range code.messages {
		assert.Contains(t, string(content), "| `"+message+"` |", "a message is not on the page")
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (?:DEBUG|INFO|WARN|ERROR)").FindAllStringSubmatch(string(content), -1) {
		assert.True(t, code.messages[row[1]], "%q is on the page, and nobody says it", row[1])
	}
}
