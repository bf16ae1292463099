package release_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release"
	"github.com/pretendfriend/falafel-api/terraform/provider/internal/release/releasetest"
)

const variable = "FALAFEL_RELEASE"

var aws *releasetest.ECS

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // of the API
	var stop func()
	aws, stop = releasetest.New()
	code := m.Run()
	stop()
	os.Exit(code)
}

// definition registers a task definition with the image and release.
func definition(image, named string) string {
	return aws.Register(fmt.Sprintf(`{"family": "api", "containerDefinitions": [
		{"name": "api", "image": %q, "environment": [{"name": "FALAFEL_RELEASE", "value": %q}]}]}`, image, named))
}

// start has a service that runs, in a cluster named after the test, and what this package
// makes of it.
func start(t *testing.T, outcome releasetest.Outcome) (*releasetest.Service, *release.Service) {
	t.Helper()
	played := aws.Start(t.Name(), definition("image:1", "one"), outcome, nil)
	return played, connect(t.Name())
}

func connect(cluster string) *release.Service {
	return &release.Service{
		Client: ecs.New(ecs.Options{
			BaseEndpoint: &aws.URL, Region: "eu-central-1", RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		}),
		Cluster: cluster, Name: "api", Interval: time.Millisecond,
	}
}

func TestARolloutEndsWhenItsDeploymentIsCompleted(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	wanted := definition("image:2", "two")
	require.NoError(t, service.RollOut(t.Context(), wanted))
	running, err := service.Running(t.Context(), variable)
	require.NoError(t, err)
	assert.Equal(t, release.Revision{ARN: wanted, Image: "image:2", Release: "two"}, running)
	assert.Equal(t, []string{"UpdateService"}, played.Calls())
}

func TestADeploymentThatRunsAlreadyIsWaitedFor(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes) // as after the apply that made the service
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	assert.Empty(t, played.Calls())
}

func TestARolloutThatFailsSaysWhatECSSays(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	before := played.Current()
	bad := definition("image:bad", "bad")
	played.Next(releasetest.RollsBack)
	err := service.RollOut(t.Context(), bad)
	require.ErrorContains(t, err, "the deployment of "+bad+" to the service api failed: ECS deployment circuit breaker: tasks failed to start")
	for _, told := range []string{
		"the service goes on with " + before,
		"task stopped: Essential container in task exited; api exited with 1; OutOfMemoryError",
		"event: (service api) is unable to start a task.", "event: five",
	} {
		require.ErrorContains(t, err, told)
	}
	assert.NotContains(t, err.Error(), "too old to tell")
	assert.NotContains(t, err.Error(), "nobody asked for this one")
}

func TestAFirstDeploymentThatFailedIsBegunAgain(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Fails)
	err := service.RollOut(t.Context(), played.Current())
	require.ErrorContains(t, err, "tasks failed to start")
	assert.NotContains(t, err.Error(), "goes on with")
	assert.Empty(t, played.Calls())

	played.Next(releasetest.Completes)
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	assert.Equal(t, []string{"UpdateService forced"}, played.Calls())
}

func TestARolloutOfSomebodyElseIsNotTakenForOurs(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	played.Next(releasetest.Replaced)
	err := service.RollOut(t.Context(), definition("image:2", "two"))
	require.ErrorContains(t, err, "was replaced by ecs-svc/")
	require.ErrorContains(t, err, "completed")
	assert.ErrorContains(t, err, "the service goes on with "+played.Current())
}

func TestARolloutThatHangsSaysWhatWasLastSeen(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	require.NoError(t, service.RollOut(t.Context(), played.Current()))
	played.Next(releasetest.Hangs)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, errors.New("the timeout of 200ms is over"))
	defer cancel()
	wanted := definition("image:2", "two")
	err := service.RollOut(ctx, wanted)
	require.ErrorContains(t, err, "the service api still runs 0 of 2 tasks of "+wanted)
	assert.ErrorContains(t, err, "(the timeout of 200ms is over)")
}

func TestAServiceThatIsNotThereIsToldFromOneThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	service.Name = "other"
	_, err := service.Running(t.Context(), variable)
	require.ErrorIs(t, err, release.ErrNoService)
	require.ErrorContains(t, err, "the service other does not exist in the cluster "+t.Name())
	require.ErrorIs(t, connect("nowhere").RollOut(t.Context(), "any"), release.ErrNoService)

	service.Name = "api"
	played.Deny("DescribeServices")
	_, err = service.Running(t.Context(), variable)
	require.ErrorContains(t, err, "not authorized to perform: ecs:DescribeServices")
	require.NotErrorIs(t, err, release.ErrNoService)
	played.Deny("UpdateService")
	err = service.RollOut(t.Context(), definition("image:2", "two"))
	assert.ErrorContains(t, err, "not authorized to perform: ecs:UpdateService")
}

// whole is a task definition of the image and release with every field that can be
// registered.
func whole(image, environment string) string {
	return fmt.Sprintf(`{
		"family": "whole", "cpu": "256", "memory": "512", "networkMode": "awsvpc", "pidMode": "task", "ipcMode": "none", "enableFaultInjection": true,
		"executionRoleArn": "arn:aws:iam::123456789012:role/e", "taskRoleArn": "arn:aws:iam::123456789012:role/t",
		"ephemeralStorage": {"sizeInGiB": 21},
		"placementConstraints": [{"type": "memberOf", "expression": "e"}], "proxyConfiguration": {"type": "APPMESH", "containerName": "envoy"},
		"requiresCompatibilities": ["FARGATE"], "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
		"volumes": [{"name": "v"}], "tags": [{"key": "environment", "value": "hosted"}],
		"containerDefinitions": [
			{"name": "beside", "image": "beside:1", "environment": [{"name": "FALAFEL_RELEASE", "value": "mine"}]},
			{"name": "api", "image": %q, "essential": true, "user": "65532:65532", "readonlyRootFilesystem": true, "stopTimeout": 25,
			 "linuxParameters": {"capabilities": {"drop": ["ALL"]}}, "healthCheck": {"command": ["CMD", "/api", "live"], "interval": 5},
			 "environment": [%s]}]}`, image, environment)
}

func TestANewImageChangesNothingElse(t *testing.T) {
	t.Parallel()
	aws.Start(t.Name(), aws.Register(whole("image:1", `{"name": "FALAFEL_RELEASE", "value": "one"}, {"name": "FALAFEL_TABLE", "value": "T"}`)), releasetest.Completes, nil)
	service := connect(t.Name())
	arn, err := service.Revise(t.Context(), "image:2", variable, "two")
	require.NoError(t, err)

	same := aws.Register(whole("image:2", `{"name": "FALAFEL_TABLE", "value": "T"}, {"name": "FALAFEL_RELEASE", "value": "two"}`))
	revision := func(arn string) string {
		at := strings.LastIndex(arn, ":") + 1
		return strings.NewReplacer(arn, "ARN", `"revision":`+arn[at:], "REVISION").Replace(aws.Definition(arn))
	}
	assert.JSONEq(t, strings.ReplaceAll(revision(same), "REVISION", `"revision":0`), strings.ReplaceAll(revision(arn), "REVISION", `"revision":0`))
}

func TestAnImageThatRunsAlreadyIsNotRegisteredAgain(t *testing.T) {
	t.Parallel()
	played, service := start(t, releasetest.Completes)
	arn, err := service.Revise(t.Context(), "image:1", variable, "one")
	require.NoError(t, err)
	assert.Equal(t, played.Current(), arn)
	arn, err = service.Revise(t.Context(), "image:1", variable, "renamed")
	require.NoError(t, err)
	assert.NotEqual(t, played.Current(), arn)
}

func TestATaskDefinitionWithoutTheAPIIsRefused(t *testing.T) {
	t.Parallel()
	aws.Start(t.Name(), aws.Register(`{"family": "web", "containerDefinitions": [{"name": "web", "image": "w"}]}`), releasetest.Completes, nil)
	_, err := connect(t.Name()).Revise(t.Context(), "image:2", variable, "two")
	assert.ErrorContains(t, err, `has no container named "api"`)
}
