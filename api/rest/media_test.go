package rest_test

const (
	mergePatch = "application/merge-patch+json"
	jsonPatch  = "application/json-patch+json"
)
