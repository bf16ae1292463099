// Package environments_test holds the environments against each other: a second one is a
// copy of the first, and must not share its state.
package environments_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEachEnvironmentHasAStateAndANameOfItsOwn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*/main.tf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		environment := filepath.Dir(file)
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, environment+"/terraform.tfstate", value(t, file, "key"))
			assert.Equal(t, "falafel-"+environment, value(t, file, "name"))

			release := filepath.Join(environment, "release", "main.tf")
			assert.Equal(t, environment+"/release/terraform.tfstate", value(t, release, "key"))
			for _, same := range []string{"name", "account", "region"} {
				assert.Equal(t, value(t, file, same), value(t, release, same), "%s of %s", same, release)
			}
			assert.Equal(t, "https://"+value(t, file, "domain"), value(t, release, "url"))
		})
	}
}

// value is the first string that the file gives to the name.
func value(t *testing.T, file, name string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^ +` + name + ` += "([^"]*)"`).FindSubmatch(content)
	require.NotNil(t, found, "%s gives no string to %s", file, name)
	return string(found[1])
}
