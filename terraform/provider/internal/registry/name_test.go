package registry_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry"
)

func TestARepositoryIsARegistryAndAPathAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, complaint := range map[string]string{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel-api": "",
		"127.0.0.1:5000/a/b":             "",
		"localhost/falafel":              "",
		"[::1]:5000/falafel":             "",
		"https://ghcr.io/falafel":        "is a URL",
		"ghcr.io/falafel@sha256:0":       "leave out what begins with @",
		"user:secret@ghcr.io/falafel":    "leave out what begins with @",
		"ghcr.io/falafel:v1":             "names a tag",
		"falafel":                        "names no registry",
		"pretendfriend/falafel":          "names no registry",
		"ghcr.io/Falafel":                "is no repository",
		"ghcr.io/":                       "is no repository",
		"":                               "names no registry",
		"ghcr.io:notaport/falafel":       "is no repository",
		"ghcr.io/falafel/with space/api": "is no repository",
	} {
		_, err := registry.ParseRepository(text)
		if complaint == "" {
			assert.NoError(t, err, text)
		} else {
			assert.ErrorContains(t, err, complaint, text)
		}
	}
}

func TestASourceIsAReferenceWhenItBeginsWithAHost(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]bool{
		"ghcr.io/falafel:v1":      true,
		"localhost:5000/falafel":  true,
		"127.0.0.1:1/f@sha256:00": true,
		"./ghcr.io/falafel":       false,
		"../image":                false,
		".falafel/image":          false,
		"/srv/image.d/x":          false,
		"dist/image":              false,
		"image":                   false,
	} {
		assert.Equal(t, want, registry.IsReference(source), source)
	}
	require.ErrorContains(t, registry.Validate("ghcr.io/falafel"), "write registry/repository@sha256", "neither tag nor digest")
	require.ErrorContains(t, registry.Validate(""), "is empty")
}

func TestTheHostOfECRTellsAccountAndRegion(t *testing.T) {
	t.Parallel()
	type facts struct {
		account, region string
		fips, dualStack bool
	}
	for host, want := range map[string]facts{
		"123456789012.dkr.ecr.eu-central-1.amazonaws.com":             {"123456789012", "eu-central-1", false, false},
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com":       {"123456789012", "us-gov-west-1", true, false},
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn":            {"123456789012", "cn-north-1", false, false},
		"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu":            {"123456789012", "eusc-de-east-1", false, false},
		"123456789012.dkr-ecr.eu-central-1.on.aws":                    {"123456789012", "eu-central-1", false, true},
		"123456789012.dkr-ecr-fips.us-east-1.on.aws":                  {"123456789012", "us-east-1", true, true},
		"123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn": {"123456789012", "cn-north-1", false, true},
	} {
		account, region, fips, dualStack, isECR := registry.Host(host)
		assert.True(t, isECR, host)
		assert.Equal(t, want, facts{account, region, fips, dualStack}, host)
	}
	for _, host := range []string{"public.ecr.aws", "ghcr.io", "12.dkr.ecr.eu-central-1.amazonaws.com", "123456789012.dkr.ecr.eu-central-1.amazonaws.com.evil.org"} {
		_, _, _, _, isECR := registry.Host(host)
		assert.False(t, isECR, host)
	}
}
