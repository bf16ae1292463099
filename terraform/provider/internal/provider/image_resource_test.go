package provider_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry/registrytest"
)

const imageAddress = "falafel_image.api"

// anImage is the resource in HCL. A repository that is not known when Terraform plans is
// one that another resource hands over.
func anImage(source, repository string, more ...string) string {
	return fmt.Sprintf("resource %q %q {\n source = %q\n repository = %q\n %s\n}\n", "falafel_image", "api", source, repository, strings.Join(more, "\n "))
}

func unknownAtPlan(config, repository string) string {
	return strings.ReplaceAll(config, fmt.Sprintf("%q", repository), "terraform_data.repository.output") +
		fmt.Sprintf("resource %q %q { input = %q }\n", "terraform_data", "repository", repository)
}

// says matches words however Terraform breaks its lines.
func saying(words string) *regexp.Regexp {
	return regexp.MustCompile(strings.Join(strings.Fields(regexp.QuoteMeta(words)), `\s+`))
}

func imagePlanned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(imageAddress, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

func imageState(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(imageAddress, tfjsonpath.New(attribute), knownvalue.StringExact(value))
}

// during runs in the middle of a step, between plan and apply.
type during func()

func (d during) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	d()
}

func TestTheDigestIsPlannedBeforeTheRepositoryIsKnown(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	repository := server.Host + "/falafel"
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: unknownAtPlan(anImage(folder, repository, `tags = ["v1"]`), repository),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectKnownValue(imageAddress, tfjsonpath.New("digest"), knownvalue.StringExact(digest)),
					plancheck.ExpectKnownValue(imageAddress, tfjsonpath.New("annotations").AtMapKey("org.opencontainers.image.revision"), knownvalue.StringExact("abc")),
					plancheck.ExpectUnknownValue(imageAddress, tfjsonpath.New("reference")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				imageState("reference", repository+"@"+digest),
				imageState("id", repository+"@"+digest),
			},
		}},
	})
	assert.Equal(t, digest, server.DigestOf(t, "falafel:v1"), "by default nothing is deleted")
}

func TestDriftIsPlannedAndRepaired(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	config := anImage(folder, server.Host+"/falafel", `tags = ["v1", "v2"]`)
	repaired := resource.ComposeTestCheckFunc(func(*terraform.State) error {
		assert.Equal(t, digest, server.DigestOf(t, "falafel@"+digest))
		assert.Equal(t, digest, server.DigestOf(t, "falafel:v1"))
		assert.Equal(t, digest, server.DigestOf(t, "falafel:v2"))
		return nil
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, ConfigPlanChecks: imagePlanned(plancheck.ResourceActionCreate), Check: repaired},
			{
				PreConfig:        func() { server.Remove(t, "falafel@"+digest) },
				Config:           config,
				ConfigPlanChecks: imagePlanned(plancheck.ResourceActionCreate),
				Check:            repaired,
			},
			{
				PreConfig: func() {
					server.Put(t, "falafel:v1", registrytest.Index(t))
					server.Remove(t, "falafel:v2")
				},
				Config:           config,
				ConfigPlanChecks: imagePlanned(plancheck.ResourceActionUpdate),
				Check:            repaired,
			},
		},
	})
}

func TestANewImageIsPromotedInPlaceAndTheOldOneStays(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, old := registrytest.Layout(t)
	next := registrytest.Index(t)
	config := anImage(folder, server.Host+"/falafel", `tags = ["latest"]`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig:        func() { registrytest.WriteLayout(t, folder, next) },
				Config:           config,
				ConfigPlanChecks: imagePlanned(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{
					imageState("digest", registrytest.Digest(t, next)),
				},
			},
		},
	})
	assert.Equal(t, registrytest.Digest(t, next), server.DigestOf(t, "falafel:latest"))
	assert.Equal(t, old, server.DigestOf(t, "falafel@"+old))
}

// Terraform plans once more when it applies, from the same configuration, and compares: so
// it is Terraform that refuses, in words of its own.
func TestAnImageThatChangedAfterThePlanIsRefused(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, planned := registrytest.Layout(t)
	later := registrytest.Index(t)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: anImage(folder, server.Host+"/falafel"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				during(func() { registrytest.WriteLayout(t, folder, later) }),
			}},
			ExpectError: regexp.MustCompile(`(?s)inconsistent final plan.*` + planned + `.*` + registrytest.Digest(t, later)),
		}},
	})
	assert.Zero(t, server.Writes())
}

// What Terraform cannot see is a change after that: between its last look and the push.
func TestAnImageThatChangesDuringTheApplyIsRefused(t *testing.T) {
	acceptance(t)
	t.Parallel()
	from, to := registrytest.New(t), registrytest.New(t)
	before, after := registrytest.Index(t), registrytest.Index(t)
	from.Put(t, "staging:before", before)
	from.Put(t, "staging:after", after)
	from.Put(t, "staging:v1", before)
	var looks atomic.Int32
	from.Break(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/manifests/v1") && looks.Add(1) == 3 {
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "v1") + "after"
		}
		return false
	})
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: anImage(from.Host+"/staging:v1", to.Host+"/falafel"),
			ExpectError: saying("held " + registrytest.Digest(t, before) + " when this was planned and holds " +
				registrytest.Digest(t, after) + " now: plan again"),
		}},
	})
	assert.Zero(t, to.Writes())
}

func TestATagThatMayNotMoveIsFoundOutBeforeAnythingIsPushed(t *testing.T) { //nolint:paralleltest // it sets the environment
	acceptance(t)
	server := registrytest.New(t)
	api := registrytest.NewECR(t, "http://"+server.Host, "IMMUTABLE")
	server.Put(t, "falafel:v1", registrytest.Index(t))
	folder, digest := registrytest.Layout(t)
	repository := registrytest.ECRHost + "/falafel"
	config := anImage(folder, repository, `tags = ["v1"]`)
	written := server.Writes()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, PlanOnly: true, ExpectError: saying("may not move to " + digest)},
			{Config: unknownAtPlan(config, repository), ExpectError: saying("may not move to " + digest)},
		},
	})
	assert.Equal(t, written, server.Writes())

	// Another tag is promoted, by ECR's credentials, which stay out of the state.
	server.Break(registrytest.Login("AWS", "ecr-secret"))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: anImage(folder, repository, `tags = ["v2"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				imageState("reference", repository+"@"+digest),
				without(t, "ecr-secret", base64.StdEncoding.EncodeToString([]byte("AWS:ecr-secret"))),
			},
		}},
	})
	server.Break(nil)
	assert.Equal(t, digest, server.DigestOf(t, "falafel:v2"))
	assert.NotEmpty(t, api.Calls("GetAuthorizationToken"))
}

// without fails when the state holds one of the words.
func without(t *testing.T, words ...string) statecheck.StateCheck {
	t.Helper()
	return stateText(func(text string) {
		for _, word := range words {
			assert.NotContains(t, text, word)
		}
	})
}

type stateText func(string)

func (s stateText) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	text, err := json.Marshal(req.State)
	resp.Error = err
	s(string(text))
}

func TestARegistryThatIsDownIsNotOneWithoutTheImage(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	config := anImage(folder, server.Host+"/falafel")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config},
			{
				PreConfig: func() {
					server.Break(registrytest.Answer(http.StatusForbidden, "DENIED", "your address is not on the list"))
				},
				Config:      config,
				ExpectError: saying("your address is not on the list"),
			},
			{
				PreConfig: func() {
					server.Break(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
				},
				Config:      config,
				ExpectError: saying("The image cannot be looked up"),
			},
			{
				PreConfig:        func() { server.Break(nil) },
				Config:           config,
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				ConfigStateChecks: []statecheck.StateCheck{
					imageState("digest", digest),
				},
			},
		},
	})
}

func TestCredentialsAreDockersAndNeverInTheState(t *testing.T) { //nolint:paralleltest // it sets the environment
	acceptance(t)
	server := registrytest.New(t)
	server.Break(registrytest.Login("falafel", "s3cret-word"))
	folder, digest := registrytest.Layout(t)
	config := anImage(folder, server.Host+"/falafel", `tags = ["v1"]`)
	docker := t.TempDir()
	t.Setenv("DOCKER_CONFIG", docker)
	auth := base64.StdEncoding.EncodeToString([]byte("falafel:s3cret-word"))
	login := func() {
		content := fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, server.Host, auth)
		require.NoError(t, os.WriteFile(filepath.Join(docker, "config.json"), content, 0o600))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: config, ExpectError: saying("log in first (docker login " + server.Host)},
			{PreConfig: login, Config: config, ConfigStateChecks: []statecheck.StateCheck{
				imageState("digest", digest),
				without(t, "s3cret-word", auth),
			}},
		},
	})
}

func TestDestroyingDeletesOnlyWhenItIsAskedFor(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder, digest := registrytest.Layout(t)
	config := anImage(folder, server.Host+"/falafel", `tags = ["v1"]`, "delete_on_destroy = true")
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: config}},
	})
	assert.Empty(t, server.DigestOf(t, "falafel:v1"))
	assert.Empty(t, server.DigestOf(t, "falafel@"+digest))
}

func TestAnImageThatIsThereCanBeImported(t *testing.T) {
	acceptance(t)
	t.Parallel()
	server := registrytest.New(t)
	folder := t.TempDir()
	index := registrytest.Index(t)
	digest := registrytest.WriteLayout(t, folder, index)
	server.Put(t, "falafel:v1", index)
	written := server.Writes()
	config := anImage(folder, server.Host+"/falafel", `tags = ["v1"]`)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{
				Config: config, ResourceName: imageAddress, ImportState: true, ImportStatePersist: true,
				ImportStateId: server.Host + "/falafel@" + digest,
			},
			{Config: config, ConfigPlanChecks: imagePlanned(plancheck.ResourceActionUpdate)},
			{
				Config: config, ResourceName: imageAddress, ImportState: true,
				ImportStateId: server.Host + "/falafel:v1",
				ExpectError:   saying("is no reference by digest"),
			},
		},
	})
	assert.Equal(t, written, server.Writes(), "what is there is not pushed")
}

func TestTheSourceMayBeAnotherRegistry(t *testing.T) {
	acceptance(t)
	t.Parallel()
	from, to := registrytest.New(t), registrytest.New(t)
	index := registrytest.Index(t)
	digest := registrytest.Digest(t, index)
	from.Put(t, "staging:v1", index)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: anImage(from.Host+"/staging:v1", to.Host+"/falafel"), ConfigPlanChecks: imagePlanned(plancheck.ResourceActionCreate)},
			{Config: anImage(from.Host+"/staging@"+digest, to.Host+"/falafel"), ConfigPlanChecks: imagePlanned(plancheck.ResourceActionUpdate)},
			{Config: anImage(from.Host+"/staging@"+digest, to.Host+"/elsewhere"), ConfigPlanChecks: imagePlanned(plancheck.ResourceActionReplace)},
			{Config: anImage(from.Host+"/staging:v2", to.Host+"/elsewhere"), ExpectError: saying("there is no image " + from.Host + "/staging:v2")},
		},
	})
	assert.Equal(t, digest, to.DigestOf(t, "falafel@"+digest), "the one that was left is kept, too")
}

func TestWrongArgumentsAreExplainedBeforeAnythingIsDone(t *testing.T) {
	acceptance(t)
	t.Parallel()
	folder, _ := registrytest.Layout(t)
	step := func(config, complaint string) resource.TestStep {
		return resource.TestStep{Config: config, PlanOnly: true, ExpectError: saying(complaint)}
	}
	damaged, _ := registrytest.Layout(t)
	require.NoError(t, os.RemoveAll(filepath.Join(damaged, "blobs")))
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			step(anImage(folder, "https://ghcr.io/falafel"), "is a URL"),
			step(anImage(folder, "ghcr.io/falafel:v1"), "put it into tags"),
			step(anImage("ghcr.io/falafel", "127.0.0.1:1/falafel"), "is no reference"),
			step(anImage(folder, "127.0.0.1:1/falafel", `tags = ["-v1"]`), "a tag has up to 128"),
			step(anImage(filepath.Join(folder, "absent"), "127.0.0.1:1/falafel"), "go run ./devenv image build"),
			step(anImage(damaged, "127.0.0.1:1/falafel"), "is damaged"),
		},
	})
}
