package modules_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the tables of the modules' READMEs anew")

func TestEachModuleHasTheSameFiles(t *testing.T) {
	t.Parallel()
	for _, module := range modules(t) {
		for _, name := range []string{"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md", "examples/*/main.tf", "tests/*.tftest.hcl"} {
			found, err := filepath.Glob(filepath.Join(module, name))
			require.NoError(t, err)
			assert.NotEmpty(t, found, "the module %s has no %s", module, name)
		}
	}
}

// The tables are what variables.tf and outputs.tf say: go test ./terraform/modules -update
// writes them.
func TestTheReadmeTellsEachInputAndOutput(t *testing.T) {
	t.Parallel()
	for _, module := range modules(t) {
		t.Run(module, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(module, "README.md")
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			readme := string(content)
			for title, table := range map[string]string{
				"Inputs":  inputs(t, filepath.Join(module, "variables.tf")),
				"Outputs": outputs(t, filepath.Join(module, "outputs.tf")),
			} {
				section := regexp.MustCompile(`(?s)(^|\n)## ` + title + "\n.*?(\n## |$)")
				require.Len(t, section.FindAllString(readme, -1), 1, "%s has not one section %q", path, "## "+title)
				readme = section.ReplaceAllString(readme, "${1}## "+title+"\n\n"+strings.ReplaceAll(table, "$", "$$")+"${2}")
			}
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(readme), 0o600))
				return
			}
			assert.Equal(t, readme, string(content), "the tables of %s are stale: go test ./terraform/modules -update writes them", path)
		})
	}
}

// modules are the folders that hold a module.
func modules(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*/versions.tf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var folders []string
	for _, file := range files {
		folders = append(folders, filepath.Dir(file))
	}
	return folders
}

func inputs(t *testing.T, path string) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| name | type | default | |\n|---|---|---|---|\n")
	for _, variable := range blocks(t, path, "variable") {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", variable.name, variable.code("type", "any"), variable.code("default", "required"), variable.description(t))
	}
	return table.String()
}

func outputs(t *testing.T, path string) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| name | |\n|---|---|\n")
	for _, output := range blocks(t, path, "output") {
		fmt.Fprintf(&table, "| `%s` | %s |\n", output.name, output.description(t))
	}
	return table.String()
}

// A block is a variable or an output.
type block struct {
	name       string
	attributes hclsyntax.Attributes
	source     []byte
}

// blocks are those of a kind, in the order of the file.
func blocks(t *testing.T, path, kind string) (found []block) {
	t.Helper()
	file, diagnostics := hclparse.NewParser().ParseHCLFile(path)
	require.False(t, diagnostics.HasErrors(), diagnostics.Error())
	body, isNative := file.Body.(*hclsyntax.Body)
	require.True(t, isNative)
	for _, each := range body.Blocks {
		if each.Type == kind {
			found = append(found, block{each.Labels[0], each.Body.Attributes, file.Bytes})
		}
	}
	return found
}

// code is an attribute as it is written; what takes more than a line is to be read there.
func (b block) code(attribute, missing string) string {
	value, exists := b.attributes[attribute]
	if !exists {
		return missing
	}
	text := string(value.Expr.Range().SliceBytes(b.source))
	if strings.Contains(text, "\n") {
		return "[as written](variables.tf)"
	}
	return "`" + text + "`"
}

func (b block) description(t *testing.T) string {
	t.Helper()
	require.Contains(t, b.attributes, "description", "%s has no description", b.name)
	value, diagnostics := b.attributes["description"].Expr.Value(nil)
	require.False(t, diagnostics.HasErrors(), diagnostics.Error())
	return strings.ReplaceAll(strings.Join(strings.Fields(value.AsString()), " "), "|", `\|`)
}
