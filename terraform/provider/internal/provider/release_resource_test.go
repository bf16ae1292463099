package provider_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/registry/registrytest"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release/releasetest"
)

// playedECS is one for all tests, since the provider finds it as it finds AWS: by the
// environment, of which a process has one.
var playedECS = sync.OnceValue(func() *releasetest.ECS {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // of the API
	played, _ := releasetest.New()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_ECS": played.URL, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	return played
})

// rollout is a service of ECS that runs release "one", and the public that gets what it
// runs.
type rollout struct {
	ecs     *releasetest.ECS
	service *releasetest.Service
	public  *releasetest.Public
	cluster string
}

func startRollout(t *testing.T) rollout {
	t.Helper()
	acceptance(t)
	r := rollout{ecs: playedECS(), public: releasetest.Serve(t, "nothing"), cluster: releasetest.Cluster + t.Name()}
	r.service = r.ecs.Start(r.cluster, r.definition(image('1'), "one"), releasetest.Completes, func(_, release string) { r.public.Deploy(t, release) })
	return r
}

func image(digit rune) string {
	return "registry.example/api@sha256:" + strings.Repeat(string(digit), 64)
}

func (r rollout) definition(image, release string) string {
	return r.ecs.Register(fmt.Sprintf(`{"family": "api", "containerDefinitions": [
		{"name": "api", "image": %q, "environment": [{"name": "FALAFEL_RELEASE", "value": %q}]}]}`, image, release))
}

// release is the resource with its arguments, and a timeout that ends what never will.
func (r rollout) release(arguments string) string {
	return fmt.Sprintf(`resource "falafel_release" "api" {
		url     = %q
		cluster = %q
		service = "api"
		timeout = "5s"
		%s
	}`, r.public.URL, r.cluster, arguments)
}

func (r rollout) toDefinition(arn, release string) string {
	return r.release(fmt.Sprintf("task_definition = %q\nrelease = %q", arn, release))
}

func (r rollout) toImage(image, release string) string {
	return r.release(fmt.Sprintf("image = %q\nrelease = %q", image, release))
}

func run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}

func deployed(name, value string) resource.TestCheckFunc {
	return resource.TestCheckResourceAttr("falafel_release.api", name, value)
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("falafel_release.api", action)}}
}

func updates(t *testing.T, r rollout, want int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		assert.Len(t, r.service.Calls(), want)
		return nil
	}
}

func TestAReleaseIsRolledOutAndUpdatedInPlace(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first, second := r.service.Current(), r.definition(image('2'), "two")
	run(t,
		resource.TestStep{ // what runs already is checked
			Config: r.toDefinition(first, "one"),
			Check:  resource.ComposeTestCheckFunc(deployed("deployed_task_definition", first), deployed("deployed_image", image('1')), updates(t, r, 0)),
		},
		resource.TestStep{
			Config:           r.toDefinition(second, "two"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(deployed("deployed_task_definition", second), deployed("deployed_image", image('2')), updates(t, r, 1)),
		},
		resource.TestStep{Config: r.toDefinition(second, "two"), PlanOnly: true},
	)
	assert.Equal(t, second, r.service.Current(), "destroying the release leaves the service as it is")
}

func TestAnImageIsRolledOutInTheTaskDefinitionThatRuns(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	run(t,
		resource.TestStep{Config: r.toImage(image('1'), "one"), Check: updates(t, r, 0)},
		resource.TestStep{
			Config:           r.toImage(image('2'), "two"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(deployed("deployed_image", image('2')), updates(t, r, 1)),
		},
		resource.TestStep{Config: r.toImage(image('2'), "two"), PlanOnly: true},
	)
	assert.Contains(t, r.ecs.Definition(r.service.Current()), image('2'))
}

func TestWhatSomebodyElseRolledOutIsPlannedBack(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first, other := r.service.Current(), r.definition(image('9'), "other")
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one")},
		resource.TestStep{
			PreConfig:        func() { r.service.SetCurrent(other) },
			Config:           r.toDefinition(first, "one"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            deployed("deployed_task_definition", first),
		},
	)
	assert.Equal(t, first, r.service.Current())
}

func TestAnotherImageInTheServiceIsPlannedBack(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	run(t,
		resource.TestStep{Config: r.toImage(image('1'), "one")},
		resource.TestStep{ // other memory, say: the release is the same
			PreConfig: func() { r.service.SetCurrent(r.definition(image('1'), "one")) },
			Config:    r.toImage(image('1'), "one"), PlanOnly: true,
		},
		resource.TestStep{
			PreConfig:        func() { r.service.SetCurrent(r.definition(image('9'), "other")) },
			Config:           r.toImage(image('1'), "one"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            deployed("deployed_image", image('1')),
		},
	)
}

func TestAServiceThatIsGoneIsPlannedAnew(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first := r.service.Current()
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one")},
		resource.TestStep{
			PreConfig:        func() { r.service.Remove() },
			Config:           r.toDefinition(first, "one"),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
			ExpectError:      regexp.MustCompile(`does not\s+exist`),
		},
	)
}

func TestAnECSThatDoesNotAnswerIsAnErrorAndNotGone(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first := r.service.Current()
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one")},
		resource.TestStep{
			PreConfig:   func() { r.service.Deny("DescribeServices") },
			Config:      r.toDefinition(first, "one"),
			ExpectError: regexp.MustCompile(`not authorized to\s+perform: ecs:DescribeServices`),
		},
		resource.TestStep{
			PreConfig: func() { r.service.Deny("") },
			Config:    r.toDefinition(first, "one"), PlanOnly: true,
		},
	)
}

func TestAReleaseThatECSGivesUpIsPlannedAgain(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first, bad := r.service.Current(), r.definition(image('2'), "two")
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one")},
		resource.TestStep{
			PreConfig:   func() { r.service.Next(releasetest.RollsBack) },
			Config:      r.toDefinition(bad, "two"),
			ExpectError: regexp.MustCompile(`(?s)was not rolled out.*circuit\s+breaker: tasks\s+failed\s+to\s+start.*exited\s+with\s+1`),
		},
		resource.TestStep{
			PreConfig:        func() { r.service.Next(releasetest.Completes) },
			Config:           r.toDefinition(bad, "two"),
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            deployed("deployed_task_definition", bad),
		},
	)
}

// ECS is content, and the public is not: the task definition is the wanted one by then,
// and that must not hide that the check is still to be passed.
func TestAReleaseThatThePublicDoesNotGetIsPlannedAgain(t *testing.T) {
	t.Parallel()
	readOnly := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	whole := func(next http.Handler) http.Handler { return next }
	tests := map[string]func(r rollout, digit rune, release string) string{
		"by image": func(r rollout, digit rune, release string) string { return r.toImage(image(digit), release) },
		"by task definition": func(r rollout, digit rune, release string) string {
			return r.toDefinition(r.definition(image(digit), release), release)
		},
	}
	for name, config := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRollout(t)
			good, bad := config(r, '1', "one"), config(r, '2', "two")
			run(t,
				resource.TestStep{Config: good},
				resource.TestStep{
					PreConfig:   func() { r.public.Break(readOnly) },
					Config:      bad,
					ExpectError: regexp.MustCompile(`(?s)answers\s+with\s+release\s+two,\s+but\s+does\s+not\s+store\s+a\s+review:\s+403.*was\s+taken\s+back\s+to\s+arn:`),
				},
				resource.TestStep{
					PreConfig: func() { assert.Contains(t, r.ecs.Definition(r.service.Current()), image('1'), "the one before runs") },
					Config:    good, PlanOnly: true,
				},
				resource.TestStep{
					PreConfig:        func() { r.public.Break(whole) },
					Config:           bad,
					ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
					Check:            deployed("deployed_image", image('2')),
				},
				resource.TestStep{Config: bad, PlanOnly: true},
			)
		})
	}
}

func TestAFirstReleaseThatFailsIsNotInTheState(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first := r.service.Current()
	r.public.Break(func(http.Handler) http.Handler { return http.NotFoundHandler() })
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one"), ExpectError: regexp.MustCompile(`(?s)/status\s+answers\s+404.*timeout\s+of\s+5s`)},
		resource.TestStep{
			PreConfig:        func() { r.public.Break(func(next http.Handler) http.Handler { return next }) },
			Config:           r.toDefinition(first, "one"),
			ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
		},
	)
}

func TestAnotherAddressIsOnlyChecked(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	first := r.service.Current()
	moved := strings.Replace(r.toDefinition(first, "one"), "127.0.0.1", "localhost", 1)
	require.NotEqual(t, moved, r.toDefinition(first, "one"))
	run(t,
		resource.TestStep{Config: r.toDefinition(first, "one")},
		resource.TestStep{
			Config:           moved,
			ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(deployed("deployed_task_definition", first), updates(t, r, 0)),
		},
	)
}

func TestAReleaseThatItsTaskDefinitionIsNotRollsNothingOut(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	run(t, resource.TestStep{
		Config:      r.toDefinition(r.definition(image('2'), "two"), "three"),
		ExpectError: regexp.MustCompile(`(?s)sets\s+FALAFEL_RELEASE\s+to\s+"two",\s+and\s+release\s+is\s+"three"`),
	})
	assert.Empty(t, r.service.Calls())
}

func TestTheExampleOfAReleaseWorks(t *testing.T) {
	t.Parallel()
	r := startRollout(t)
	example, err := os.ReadFile("../../examples/resources/falafel_release/resource.tf")
	require.NoError(t, err)
	server := registrytest.New(t)
	layout, digest := registrytest.Layout(t)
	repository := server.Host + "/falafel"
	here := strings.NewReplacer(
		".falafel/image", layout, "123456789012.dkr.ecr.eu-central-1.amazonaws.com/falafel", repository,
		"https://api.falafel.example", r.public.URL, `cluster = "falafel"`, fmt.Sprintf("cluster = %q", r.cluster),
	).Replace(string(example))
	run(t, resource.TestStep{Config: here, Check: deployed("deployed_image", repository+"@"+digest)})
}

func TestBadArgumentsAreFoundOutBeforeThePlan(t *testing.T) {
	acceptance(t)
	t.Parallel()
	const whole = `
		url     = "https://api.example"
		release = "one"
		cluster = "c"
		service = "s"
		image   = "registry.example/api@sha256:1111111111111111111111111111111111111111111111111111111111111111"
		timeout = "1m"`
	tests := map[string]struct{ from, to, said string }{
		"an address without encryption": {"https://api", "http://api", `https://host, or\s+http\s+on\s+a\s+loopback`},
		"an address with a path":        {"api.example", "api.example/v1", `without\s+path`},
		"an address with a password":    {"https://", "https://user:word@", `without\s+path,\s+query\s+and\s+credentials`},
		"a release of two words":        {`"one"`, `"one two"`, `printable\s+ASCII`},
		"a tag":                         {"@sha256:1111111111111111111111111111111111111111111111111111111111111111", ":latest", `by\s+digest`},
		"no image":                      {"image ", "#", `Exactly\s+one\s+of`},
		"both":                          {"image ", "task_definition = \"arn:aws:ecs:eu-central-1:123456789012:task-definition/api:1\"\nimage ", `Exactly\s+one\s+of`},
		"a family without revision":     {"image ", "task_definition = \"api\"\n#", `with\s+its\s+revision`},
		"a time that is none":           {`"1m"`, `"soon"`, `must\s+be\s+a\s+duration\s+above\s+0`},
		"no time":                       {`"1m"`, `"0s"`, `must\s+be\s+a\s+duration\s+above\s+0`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(whole, test.from, test.to, 1)
			require.NotEqual(t, whole, changed)
			run(t, resource.TestStep{
				Config:   `resource "falafel_release" "api" {` + changed + "\n}",
				PlanOnly: true, ExpectError: regexp.MustCompile(test.said),
			})
		})
	}
}
