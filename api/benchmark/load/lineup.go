package main

// runner is a server that takes part.
type runner struct {
	name      string
	arguments []string // of package benchmark; nil is the service
	variables []string
}

// against are the service and what it is measured against.
var against = []runner{
	{name: "floor", arguments: []string{"floor"}},
	{name: "bare", arguments: []string{"bare"}},
	{name: "service"},
}

// telemetries are the service from saying nothing to saying all. Traces go to the receiver,
// which is a process of its own: what it costs is not the service's.
func telemetries(receiver string) []runner {
	traced := func(share string) []string {
		return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + receiver, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=" + share}
	}
	return []runner{
		{name: "silent", arguments: []string{"silent"}},
		{name: "metrics", variables: []string{"FALAFEL_LOG_LEVEL=warn"}},
		{name: "and log"},
		{name: "and 1 % traces", variables: traced("0.01")},
		{name: "and all traces", variables: traced("1")},
	}
}
