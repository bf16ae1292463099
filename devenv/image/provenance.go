package image

import (
	"runtime/debug"
	"strings"

	oci "github.com/google/go-containerregistry/pkg/v1"
)

// buildProvenance is https://slsa.dev/spec/v1.0/provenance, as far as it is the same
// whenever and wherever the build is repeated: no times, no machine, no invocation.
type buildProvenance struct {
	BuildDefinition struct {
		BuildType            string               `json:"buildType"`
		ExternalParameters   map[string]string    `json:"externalParameters"`
		InternalParameters   map[string]string    `json:"internalParameters"`
		ResolvedDependencies []resourceDescriptor `json:"resolvedDependencies,omitempty"`
	} `json:"buildDefinition"`
	RunDetails struct {
		Builder struct {
			ID string `json:"id"`
		} `json:"builder"`
	} `json:"runDetails"`
}

type resourceDescriptor struct {
	URI    string            `json:"uri"`
	Digest map[string]string `json:"digest"`
}

// builder is this package. SLSA wants an identity here that a verifier trusts: since
// anyone can repeat the build, there is nobody who has to be.
const builder = source + "/tree/main/devenv/image"

func provenance(platform oci.Platform, info *debug.BuildInfo, revision string) buildProvenance {
	var p buildProvenance
	p.BuildDefinition.BuildType = builder
	p.BuildDefinition.ExternalParameters = map[string]string{"source": "git+" + source, "platform": platform.String()}
	p.BuildDefinition.InternalParameters = map[string]string{"go": info.GoVersion}
	for _, setting := range info.Settings {
		p.BuildDefinition.InternalParameters[setting.Key] = setting.Value
	}
	if revision != "" {
		p.BuildDefinition.ExternalParameters["revision"] = revision
	}
	// What was changed since has no digest.
	if commit, changed := strings.CutSuffix(revision, dirty); commit != "" && !changed {
		p.BuildDefinition.ResolvedDependencies = []resourceDescriptor{{
			URI: "git+" + source + "@" + commit, Digest: map[string]string{"gitCommit": commit},
		}}
	}
	p.RunDetails.Builder.ID = builder
	return p
}
