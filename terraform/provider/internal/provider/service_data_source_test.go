package provider_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/store"
	"github.com/pretendfriend/falafel-api/devenv/terraform"
)

const aService = `data "falafel_service" "api" { table_name = "hosted-reviews" }
`

func fact(path ...string) tfjsonpath.Path {
	at := tfjsonpath.New(path[0])
	for _, step := range path[1:] {
		at = at.AtMapKey(step)
	}
	return at
}

func TestTheFactsAreTheService(t *testing.T) {
	acceptance(t)
	t.Parallel()
	documents, err := rest.Documents()
	require.NoError(t, err)
	defaults, err := service.ReadConfig(nil)
	require.NoError(t, err)
	is := func(value knownvalue.Check, path ...string) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data.falafel_service.api", fact(path...), value)
	}
	text := knownvalue.StringExact
	checks := []statecheck.StateCheck{
		is(text("hosted-reviews"), "table", "name"),
		is(text("PAY_PER_REQUEST"), "table", "billing_mode"),
		is(text("pk"), "table", "partition_key"),
		is(text("sk"), "table", "sort_key"),
		is(text(store.ExpiryAttribute), "table", "time_to_live_attribute"),
		is(knownvalue.Int64Exact(service.Port), "ports", "api"),
		is(knownvalue.Int64Exact(service.MetricsPort), "ports", "metrics"),
		is(text(rest.HealthPath), "health", "path"),
		is(knownvalue.ListExact([]knownvalue.Check{text("CMD"), text("/api"), text("live")}), "health", "command"),
		is(knownvalue.Int64Exact(int64(defaults.StopTimeout().Seconds())), "stop_timeout"),
		is(knownvalue.Int64Exact(int64(defaults.ShutdownTimeout.Seconds())), "deregistration_delay"),
		is(text(string(documents["openapi-3.0.json"])), "openapi"),
		is(text(rest.Version), "version"),
		is(text("FALAFEL_RELEASE"), "release_variable"),
		is(text("duration"), "environment", "FALAFEL_REQUEST_TIMEOUT", "type"),
		is(text("10s"), "environment", "FALAFEL_REQUEST_TIMEOUT", "default"),
		is(knownvalue.MapSizeExact(len(service.Variables())), "environment"),
	}

	attributes, indexes := map[string]knownvalue.Check{}, map[string]knownvalue.Check{}
	definition := store.Definition("")
	for _, attribute := range definition.AttributeDefinitions {
		attributes[aws.ToString(attribute.AttributeName)] = text(string(attribute.AttributeType))
	}
	for _, index := range definition.GlobalSecondaryIndexes {
		indexes[aws.ToString(index.IndexName)] = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"partition_key":      text(aws.ToString(index.KeySchema[0].AttributeName)),
			"sort_key":           text(aws.ToString(index.KeySchema[1].AttributeName)),
			"projection_type":    text(string(index.Projection.ProjectionType)),
			"non_key_attributes": knownvalue.Null(),
		})
	}
	allowed := map[string][]knownvalue.Check{}
	for _, permission := range store.Permissions() {
		allowed[permission.Index] = append(allowed[permission.Index], text(permission.Action))
	}
	onIndexes := map[string]knownvalue.Check{}
	for index, actions := range allowed {
		if index != "" {
			onIndexes[index] = knownvalue.SetExact(actions)
		}
	}
	checks = append(checks,
		is(knownvalue.MapExact(attributes), "table", "attributes"),
		is(knownvalue.MapExact(indexes), "table", "global_secondary_indexes"),
		is(knownvalue.SetExact(allowed[""]), "permissions", "table"),
		is(knownvalue.MapExact(onIndexes), "permissions", "indexes"),
	)
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: aService, ConfigStateChecks: checks}},
	})
}

// The whole of it is written out: what the alarms in CloudWatch are made of is known to
// no other test.
func TestTheObjectivesAreThoseOfTheService(t *testing.T) {
	acceptance(t)
	t.Parallel()
	alarm := func(severity, window string, long, short int64, most float64) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"severity": knownvalue.StringExact(severity), "window": knownvalue.StringExact(window),
			"long_seconds": knownvalue.Int64Exact(long), "short_seconds": knownvalue.Int64Exact(short),
			"max_error_ratio": knownvalue.Float64Exact(most), "min_bad": knownvalue.Int64Exact(10),
		})
	}
	objective := func(name, runbook string, target float64, alarms ...knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"name": knownvalue.StringExact(name), "description": knownvalue.StringRegexp(regexp.MustCompile(`\.$`)),
			"target": knownvalue.Float64Exact(target), "window_days": knownvalue.Int64Exact(30),
			"runbook": knownvalue.StringExact(runbook), "alarms": knownvalue.ListExact(alarms),
		})
	}
	slow := []knownvalue.Check{alarm("page", "1h", 3600, 300, 0.144), alarm("page", "6h", 21600, 1800, 0.06), alarm("ticket", "1d", 86400, 7200, 0.03)}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{Config: aService, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.falafel_service.api", tfjsonpath.New("slos"), knownvalue.ListExact([]knownvalue.Check{
				objective("availability", "AvailabilityBudgetBurn", 0.999,
					alarm("page", "1h", 3600, 300, 0.0144), alarm("page", "6h", 21600, 1800, 0.006), alarm("ticket", "1d", 86400, 7200, 0.003)),
				objective("read_latency", "ReadLatencyBudgetBurn", 0.99, slow...),
				objective("write_latency", "WriteLatencyBudgetBurn", 0.99, slow...),
			})),
		}}},
	})
}

// Else a for_each over them, or a precondition, would have to wait for an apply.
func TestTheFactsAreKnownWhenThePlanIsMade(t *testing.T) {
	acceptance(t)
	t.Parallel()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: aService + `
				output "keys" { value = { for name, index in data.falafel_service.api.table.global_secondary_indexes : name => index.partition_key } }`,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownOutputValue("keys", knownvalue.MapPartial(map[string]knownvalue.Check{"newest": knownvalue.StringExact("newest_pk")})),
			}},
		}},
	})
}

func TestTheTableHasTheServicesDefaultName(t *testing.T) {
	acceptance(t)
	t.Parallel()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config:      `data "falafel_service" "api" { table_name = "my table" }`,
			ExpectError: regexp.MustCompile(`must be 3 to 255 letters, digits`),
		}, {
			Config: `data "falafel_service" "api" {}`,
			Check:  resource.TestCheckResourceAttr("data.falafel_service.api", "table_name", "FalafelReviews"),
		}},
	})
}

func TestTheRoutesAreThoseOfTheDocument(t *testing.T) {
	acceptance(t)
	t.Parallel()
	documents, err := rest.Documents()
	require.NoError(t, err)
	document, err := openapi3.NewLoader().LoadFromData(documents["openapi-3.0.json"])
	require.NoError(t, err)
	routes := map[string]knownvalue.Check{}
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			routes[path+" "+method] = knownvalue.ObjectExact(map[string]knownvalue.Check{
				"method": knownvalue.StringExact(method), "path": knownvalue.StringExact(path), "operation_id": knownvalue.StringExact(operation.OperationID),
			})
		}
	}
	var inOrder []knownvalue.Check
	for _, route := range slices.Sorted(maps.Keys(routes)) {
		inOrder = append(inOrder, routes[route])
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{Config: aService, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.falafel_service.api", tfjsonpath.New("routes"), knownvalue.ListExact(inOrder)),
		}}},
	})
}

// The image is another package's: what the task definition says must be true of it. The
// Dockerfile and devenv/image are held to each other there.
func TestTheUserIsThatOfTheImage(t *testing.T) {
	acceptance(t)
	t.Parallel()
	dockerfile, err := os.ReadFile("../../../../Dockerfile")
	require.NoError(t, err)
	user := regexp.MustCompile(`(?m)^USER (\S+)$`).FindStringSubmatch(string(dockerfile))
	if !assert.Len(t, user, 2) {
		return
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: aService,
			Check:  resource.TestCheckResourceAttr("data.falafel_service.api", "user", user[1]),
		}},
	})
}

// It needs AWS's provider beside ours, and so a Terraform that finds both.
func TestTheExampleOfTheFactsIsValid(t *testing.T) {
	acceptance(t)
	t.Parallel()
	root, err := filepath.Abs("../../../..")
	require.NoError(t, err)
	installation, err := terraform.Setup(t.Context(), root)
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(filepath.Join(root, "terraform/provider/examples/data-sources/falafel_service"))))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "versions.tf"), []byte(`terraform {
		required_providers {
			aws     = { source = "hashicorp/aws", version = ">= 5.100.0, < 6.0.0" }
			falafel = { source = "pretendfriend/falafel" }
		}
	}`), 0o644))
	run, err := installation.In(folder)
	require.NoError(t, err)
	if err := run.Init(t.Context()); err != nil {
		if os.Getenv("FALAFEL_TEST_TERRAFORM") == "1" || !strings.Contains(err.Error(), "Failed to query available provider packages") {
			require.NoError(t, err)
		}
		t.Skipf("SKIPPED: AWS's provider is not to be had here: %v", err)
	}
	result, err := run.Validate(t.Context())
	require.NoError(t, err)
	assert.True(t, result.Valid, "%+v", result.Diagnostics)
}
