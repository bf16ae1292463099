package rehearse

import (
	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// named is the same program under another digest: another version, without a compiler.
func named(index oci.ImageIndex, version string) oci.ImageIndex {
	annotated, _ := mutate.Annotations(index, map[string]string{"org.opencontainers.image.version": version}).(oci.ImageIndex)
	return annotated
}

// broken is a version whose program ends at once.
func broken(index oci.ImageIndex) (oci.ImageIndex, error) {
	return configured(index, func(config *oci.Config) { config.Entrypoint = []string{"/api", "nonsense"} })
}

// cutOff is a version that cannot reach its table, says so, and ends: what it asks
// of it goes to a proxy that is not there.
func cutOff(index oci.ImageIndex) (oci.ImageIndex, error) {
	return configured(index, func(config *oci.Config) { config.Env = append(config.Env, "HTTP_PROXY=http://127.0.0.1:9") })
}

// mute is a version that lives, says which it is, and has no time to keep a review: ECS is
// content with it.
func mute(index oci.ImageIndex) (oci.ImageIndex, error) {
	return configured(index, func(config *oci.Config) { config.Env = append(config.Env, "FALAFEL_REQUEST_TIMEOUT=1us") })
}

// configured changes how the program is run, on every platform.
func configured(index oci.ImageIndex, change func(*oci.Config)) (oci.ImageIndex, error) {
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	// What attests the origin of the images says nothing about changed ones.
	for _, descriptor := range manifest.Manifests {
		image, err := index.Image(descriptor.Digest)
		if err != nil {
			return nil, err
		}
		index = mutate.RemoveManifests(index, func(d oci.Descriptor) bool { return d.Digest == descriptor.Digest })
		if descriptor.Platform == nil || descriptor.Platform.OS != "linux" {
			continue
		}
		file, err := image.ConfigFile()
		if err != nil {
			return nil, err
		}
		config := *file.Config.DeepCopy()
		change(&config)
		if image, err = mutate.Config(image, config); err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: oci.Descriptor{Platform: descriptor.Platform}})
	}
	return index, nil
}
