// Package releasetest stands in for what a rollout meets: the handful of ECS's calls that
// package release makes (ecs.go), with what becomes of a deployment decided by the test,
// and the API itself on an embedded DynamoDB as the public address (public.go).
package releasetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// An Outcome is what becomes of a deployment.
type Outcome int

// The outcomes that a test may choose.
const (
	Completes Outcome = iota
	RollsBack         // fails, and the circuit breaker goes back to what ran before
	Fails             // and nothing else runs: there was nothing before
	Hangs             // and is IN_PROGRESS for good
	Replaced          // by a deployment of somebody else
)

// Prefix of the ARNs of this account.
const (
	Prefix  = "arn:aws:ecs:eu-central-1:123456789012:"
	Cluster = Prefix + "cluster/"
)

// An ECS has any number of services, each alone in its cluster, so that parallel tests can
// share one.
type ECS struct {
	URL string

	mu          sync.Mutex
	services    map[string]*Service // by cluster
	definitions []definition
}

type definition struct {
	fields map[string]any // as registered
	tags   any
}

// A Service is named "api".
type Service struct {
	ecs         *ECS
	cluster     string
	outcome     Outcome
	stale       int // how often DescribeServices answers as before
	current     string
	deployments []*deployment
	before      []*deployment // what a stale answer has
	calls       []string
	denied      string
	running     func(image, release string)
}

type deployment struct {
	id, definition, status, state, reason string

	looks   int
	created time.Time
	outcome Outcome
}

// New serves until stop is called.
func New() (ecs *ECS, stop func()) {
	ecs = &ECS{services: map[string]*Service{}}
	server := httptest.NewServer(ecs)
	ecs.URL = server.URL
	return ecs, server.Close
}

// Register registers a task definition, given as JSON, and returns its ARN.
func (e *ECS) Register(fields string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var input map[string]any
	if err := json.Unmarshal([]byte(fields), &input); err != nil {
		panic(err)
	}
	return e.register(input)
}

func (e *ECS) register(input map[string]any) string {
	tags := input["tags"]
	delete(input, "tags")
	arn := fmt.Sprintf("%stask-definition/%v:%d", Prefix, input["family"], len(e.definitions)+1)
	input["taskDefinitionArn"] = arn
	input["revision"] = len(e.definitions) + 1
	input["status"] = "ACTIVE"
	e.definitions = append(e.definitions, definition{input, tags})
	return arn
}

// Start makes a service whose first deployment becomes what the outcome says. Whenever
// one completes, running is told.
func (e *ECS) Start(cluster, taskDefinition string, outcome Outcome, running func(image, release string)) *Service {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := &Service{ecs: e, cluster: cluster, outcome: outcome, running: running}
	s.deploy(taskDefinition)
	e.services[cluster] = s
	return s
}

// Next is what becomes of the deployments from now on.
func (s *Service) Next(outcome Outcome) {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	s.outcome = outcome
}

// Deny has the call refused; "" refuses none.
func (s *Service) Deny(call string) {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	s.denied = call
}

// Calls are the names of those that change something, in order.
func (s *Service) Calls() []string {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	return append([]string{}, s.calls...)
}

// Current is the ARN of the service's task definition.
func (s *Service) Current() string {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	return s.current
}

// Definition is a registered task definition as JSON, with its tags.
func (e *ECS) Definition(arn string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.find(arn)
	text, err := json.Marshal(map[string]any{"taskDefinition": found.fields, "tags": found.tags})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (e *ECS) find(arn string) definition {
	for _, d := range e.definitions {
		if d.fields["taskDefinitionArn"] == arn {
			return d
		}
	}
	return definition{}
}

// SetCurrent is somebody else's change, done and completed.
func (s *Service) SetCurrent(taskDefinition string) {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	s.deploy(taskDefinition)
	s.complete(s.deployments[0])
}

// Remove makes the service go.
func (s *Service) Remove() {
	s.ecs.mu.Lock()
	defer s.ecs.mu.Unlock()
	delete(s.ecs.services, s.cluster)
}

func (s *Service) deploy(taskDefinition string) *deployment {
	s.before = nil
	for _, d := range s.deployments {
		as := *d
		s.before = append(s.before, &as)
		d.status = "ACTIVE"
	}
	next := &deployment{
		id: fmt.Sprintf("ecs-svc/%d", time.Now().UnixNano()), definition: taskDefinition, status: "PRIMARY",
		state: "IN_PROGRESS", reason: "in progress", created: time.Now(), outcome: s.outcome,
	}
	s.deployments = append([]*deployment{next}, s.deployments...)
	s.current = taskDefinition
	s.stale = 1
	return next
}

func (s *Service) complete(d *deployment) {
	d.state, d.reason = "COMPLETED", "completed"
	s.deployments = []*deployment{d}
	container := s.ecs.find(d.definition).fields["containerDefinitions"].([]any)[0].(map[string]any) //nolint:errcheck // as the tests register them
	release := ""
	variables, _ := container["environment"].([]any)
	for _, v := range variables {
		if pair := v.(map[string]any); pair["name"] == "FALAFEL_RELEASE" { //nolint:errcheck // as above
			release = fmt.Sprint(pair["value"])
		}
	}
	if s.running != nil {
		s.running(fmt.Sprint(container["image"]), release)
	}
}

// look lets time pass: one DescribeServices is one step.
func (s *Service) look() {
	d := s.deployments[0]
	if d.looks++; d.state != "IN_PROGRESS" || d.looks < 2 {
		return
	}
	switch d.outcome {
	case Completes:
		s.complete(d)
	case Fails:
		d.state, d.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
	case RollsBack:
		d.state, d.reason = "FAILED", "ECS deployment circuit breaker: tasks failed to start."
		back := s.deploy(s.deployments[len(s.deployments)-1].definition)
		back.reason, back.outcome, s.stale = "ECS deployment circuit breaker: rolling back to what ran before.", Completes, 0
	case Replaced:
		other := s.deploy(s.deployments[len(s.deployments)-1].definition)
		other.reason, other.outcome, s.stale = "somebody else's", Completes, 0
		s.complete(other)
	case Hangs:
	}
}

// ServeHTTP speaks AWS JSON 1.1.
func (e *ECS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var input map[string]any
	if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
		refuse(w, "ClientException", err.Error())
		return
	}
	switch call {
	case "DescribeTaskDefinition":
		if found := e.find(fmt.Sprint(input["taskDefinition"])); found.fields != nil {
			respond(w, map[string]any{"taskDefinition": found.fields, "tags": found.tags})
		} else {
			refuse(w, "ClientException", "Unable to describe task definition.")
		}
		return
	case "RegisterTaskDefinition":
		arn := e.register(input)
		respond(w, map[string]any{"taskDefinition": e.find(arn).fields})
		return
	}
	s := e.services[fmt.Sprint(input["cluster"])]
	switch {
	case s == nil:
		refuse(w, "ClusterNotFoundException", "Cluster not found.")
	case s.denied == call:
		refuse(w, "AccessDeniedException", "User is not authorized to perform: ecs:"+call)
	default:
		s.answer(w, call, input)
	}
}

func (s *Service) answer(w http.ResponseWriter, call string, input map[string]any) {
	switch call {
	case "DescribeServices":
		if names, _ := input["services"].([]any); len(names) != 1 || names[0] != "api" {
			respond(w, map[string]any{"services": []any{}, "failures": []any{map[string]any{"reason": "MISSING"}}})
			return
		}
		if s.stale > 0 && len(s.before) > 0 {
			s.stale--
			respond(w, map[string]any{"services": []any{s.describe(s.before)}})
			return
		}
		s.look()
		respond(w, map[string]any{"services": []any{s.describe(s.deployments)}})
	case "UpdateService":
		s.calls = append(s.calls, call)
		if forced, _ := input["forceNewDeployment"].(bool); forced {
			s.calls[len(s.calls)-1] += " forced"
		}
		s.deploy(fmt.Sprint(input["taskDefinition"]))
		respond(w, map[string]any{"service": s.describe(s.deployments)})
	case "ListTasks":
		respond(w, map[string]any{"taskArns": []any{Prefix + "task/1"}})
	case "DescribeTasks":
		respond(w, map[string]any{"tasks": []any{map[string]any{
			"taskDefinitionArn": s.deployments[len(s.deployments)-1].definition, "stoppedReason": "nobody asked for this one",
		}, map[string]any{
			"taskDefinitionArn": s.failed(), "stoppedReason": "Essential container in task exited",
			"containers": []any{map[string]any{"name": "api", "exitCode": 1, "reason": "OutOfMemoryError"}},
		}}})
	default:
		refuse(w, "ClientException", "not played here: "+call)
	}
}

func (s *Service) failed() string {
	for _, d := range s.deployments {
		if d.state == "FAILED" {
			return d.definition
		}
	}
	return ""
}

func (s *Service) describe(deployments []*deployment) map[string]any {
	list := make([]any, len(deployments))
	for i, d := range deployments {
		failed := 0
		if d.state == "FAILED" {
			failed = 3
		}
		list[i] = map[string]any{
			"id": d.id, "status": d.status, "taskDefinition": d.definition, "rolloutState": d.state, "rolloutStateReason": d.reason,
			"desiredCount": 2, "runningCount": 0, "failedTasks": failed, "createdAt": float64(d.created.UnixNano()) / 1e9,
		}
	}
	return map[string]any{
		"serviceName": "api", "status": "ACTIVE", "taskDefinition": s.current, "deployments": list,
		"events": []any{map[string]any{"message": "(service api) is unable to start a task."}, map[string]any{"message": "two"}, map[string]any{"message": "three"}, map[string]any{"message": "four"}, map[string]any{"message": "five"}, map[string]any{"message": "too old to tell"}},
	}
}

func respond(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": kind, "message": message})
}
