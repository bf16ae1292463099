package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	oci "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/licensecheck"
	"github.com/package-url/packageurl-go"
	"github.com/spdx/tools-golang/spdx/v2/common"
	"github.com/spdx/tools-golang/spdx/v2/v2_3"

	"github.com/pretendfriend/falafel-api/api/rest"
)

const (
	noAssertion = "NOASSERTION"
	goLicense   = "BSD-3-Clause"
)

// bill is the SBOM of an image: what the Go command wrote into the program about its
// modules, as an SPDX document.
func bill(platform oci.Platform, digest oci.Hash, program []byte, info *debug.BuildInfo, licenses map[string]string) *v2_3.Document {
	checksum := sha256.Sum256(program)
	image := component("Image", title, rest.Version, imagePURL(platform, digest), license)
	image.PrimaryPackagePurpose = "CONTAINER"
	image.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: digest.Hex}}
	binary := component("Program", info.Main.Path, rest.Version, modulePURL(info.Main.Path, "v"+rest.Version), license)
	binary.PrimaryPackagePurpose = "APPLICATION"
	binary.PackageFileName = "api"
	binary.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: hex.EncodeToString(checksum[:])}}
	version := strings.TrimPrefix(info.GoVersion, "go")
	library := component("Go", "stdlib", version, modulePURL("stdlib", version), goLicense)

	document := &v2_3.Document{
		SPDXVersion:    v2_3.Version,
		DataLicense:    v2_3.DataLicense,
		SPDXIdentifier: "DOCUMENT",
		DocumentName:   title + " for " + platform.String(),
		// Not a page: a name that no other document has.
		DocumentNamespace: source + "/sbom/" + digest.Hex,
		CreationInfo: &v2_3.CreationInfo{
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "falafel-devenv-image"}},
			Created:  epoch.Format(time.RFC3339),
		},
		Packages: []*v2_3.Package{image, binary, library},
		Relationships: []*v2_3.Relationship{
			related("DOCUMENT", "DESCRIBES", image.PackageSPDXIdentifier),
			related(image.PackageSPDXIdentifier, "CONTAINS", binary.PackageSPDXIdentifier),
			related(binary.PackageSPDXIdentifier, "DEPENDS_ON", library.PackageSPDXIdentifier),
		},
	}
	for _, module := range info.Deps {
		module = replaced(module)
		dependency := component("Module-"+module.Path, module.Path, module.Version, modulePURL(module.Path, module.Version), licenses[module.Path])
		dependency.PrimaryPackagePurpose = "LIBRARY"
		// Of go.sum: a digest of the module's files, not of one file. Syft writes it so, too.
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(module.Sum, "h1:")); err == nil && len(sum) == sha256.Size {
			dependency.PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: hex.EncodeToString(sum)}}
		}
		document.Packages = append(document.Packages, dependency)
		document.Relationships = append(document.Relationships, related(binary.PackageSPDXIdentifier, "DEPENDS_ON", dependency.PackageSPDXIdentifier))
	}
	return document
}

// notInID is what an SPDX identifier cannot hold.
var notInID = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func component(id, name, version, purl, declared string) *v2_3.Package {
	if declared == "" {
		declared = noAssertion
	}
	return &v2_3.Package{
		PackageSPDXIdentifier:   common.ElementID(notInID.ReplaceAllString(id, "-")),
		PackageName:             name,
		PackageVersion:          version,
		PackageDownloadLocation: noAssertion,
		PackageLicenseDeclared:  declared,
		PackageLicenseConcluded: noAssertion,
		PackageCopyrightText:    noAssertion,
		PackageExternalReferences: []*v2_3.PackageExternalReference{
			{Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL, Locator: purl},
		},
	}
}

func related(from common.ElementID, how string, to common.ElementID) *v2_3.Relationship {
	return &v2_3.Relationship{
		RefA: common.DocElementID{ElementRefID: from}, Relationship: how, RefB: common.DocElementID{ElementRefID: to},
	}
}

// replaced is the module that was compiled in, where go.mod puts it in another's place.
func replaced(module *debug.Module) *debug.Module {
	if module.Replace != nil {
		return module.Replace
	}
	return module
}

func modulePURL(module, version string) string {
	namespace, name := path.Split(module)
	purl := packageurl.NewPackageURL(packageurl.TypeGolang, strings.TrimSuffix(namespace, "/"), name, version, nil, "")
	_ = purl.Normalize() // the path in lower case; it fails for other types only
	return purl.ToString()
}

func imagePURL(platform oci.Platform, digest oci.Hash) string {
	qualifiers := packageurl.QualifiersFromMap(map[string]string{"arch": platform.Architecture})
	return packageurl.NewPackageURL(packageurl.TypeOCI, "", title, digest.String(), qualifiers, "").ToString()
}

// findLicenses reads the licences of modules where Go keeps their source, which it had to
// compile. It recognises texts as pkg.go.dev does; what it does not know is left out.
func findLicenses(ctx context.Context, modules []*debug.Module, from checkout) (map[string]string, error) {
	licenses := map[string]string{}
	if len(modules) == 0 {
		return licenses, nil
	}
	list := []string{"list", "-m", "-json=Path,Dir,Replace"}
	for _, module := range modules {
		list = append(list, module.Path)
	}
	output, err := goOutput(ctx, from.root, from.environ, list...)
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(output)); decoder.More(); {
		var module struct {
			Path, Dir string
			Replace   *struct{ Path string }
		}
		if err := decoder.Decode(&module); err != nil {
			return nil, err
		}
		if module.Replace != nil {
			module.Path = module.Replace.Path
		}
		if licenses[module.Path], err = licenseIn(module.Dir); err != nil {
			return nil, err
		}
	}
	return licenses, nil
}

var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying)([-.].*)?$`)

// licenseIn returns the licences in a folder as an SPDX expression.
func licenseIn(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, entry := range entries {
		if entry.IsDir() || !licenseFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return "", err
		}
		coverage := licensecheck.Scan(text)
		if coverage.Percent < 75 { // pkg.go.dev's limit for a text that is known
			return "", nil
		}
		for _, match := range coverage.Match {
			found = append(found, match.ID)
		}
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " AND "), nil
}
