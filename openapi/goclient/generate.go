package goclient

// From 3.0.3, which is what the generator reads; openapi/generate has written it before
// (go generate goes through folders by their names).
//go:generate go tool -modfile=../../.ci/tools/go.mod oapi-codegen -config oapi-codegen.yaml ../openapi-3.0.yaml
