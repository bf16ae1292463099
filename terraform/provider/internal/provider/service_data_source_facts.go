package provider

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pretendfriend/falafel-api/api/rest"
	"github.com/pretendfriend/falafel-api/api/service"
	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/api/store"
)

// imageUser is whom devenv/image and the Dockerfile run the program as; a test compares.
const imageUser = "65532:65532"

// The facts of the service, in the shape of the data source's schema.
type (
	facts struct {
		TableName           *string                 `tfsdk:"table_name"`
		Table               tableFacts              `tfsdk:"table"`
		Permissions         permissionFacts         `tfsdk:"permissions"`
		Ports               portFacts               `tfsdk:"ports"`
		Health              healthFacts             `tfsdk:"health"`
		Environment         map[string]variableFact `tfsdk:"environment"`
		StopTimeout         int64                   `tfsdk:"stop_timeout"`
		DeregistrationDelay int64                   `tfsdk:"deregistration_delay"`
		Routes              []routeFact             `tfsdk:"routes"`
		SLOs                []sloFact               `tfsdk:"slos"`
		OpenAPI             string                  `tfsdk:"openapi"`
		Version             string                  `tfsdk:"version"`
		User                string                  `tfsdk:"user"`
		ReleaseVariable     string                  `tfsdk:"release_variable"`
	}
	tableFacts struct {
		Name                   string               `tfsdk:"name"`
		BillingMode            string               `tfsdk:"billing_mode"`
		PartitionKey           string               `tfsdk:"partition_key"`
		SortKey                string               `tfsdk:"sort_key"`
		Attributes             map[string]string    `tfsdk:"attributes"`
		GlobalSecondaryIndexes map[string]indexFact `tfsdk:"global_secondary_indexes"`
		TimeToLiveAttribute    string               `tfsdk:"time_to_live_attribute"`
	}
	indexFact struct {
		PartitionKey     string   `tfsdk:"partition_key"`
		SortKey          string   `tfsdk:"sort_key"`
		ProjectionType   string   `tfsdk:"projection_type"`
		NonKeyAttributes []string `tfsdk:"non_key_attributes"`
	}
	permissionFacts struct {
		Table   []string            `tfsdk:"table"`
		Indexes map[string][]string `tfsdk:"indexes"`
	}
	portFacts struct {
		API     int64 `tfsdk:"api"`
		Metrics int64 `tfsdk:"metrics"`
	}
	healthFacts struct {
		Path    string   `tfsdk:"path"`
		Command []string `tfsdk:"command"`
	}
	variableFact struct {
		Type        string `tfsdk:"type"`
		Default     string `tfsdk:"default"`
		Description string `tfsdk:"description"`
	}
	routeFact struct {
		Method      string `tfsdk:"method"`
		Path        string `tfsdk:"path"`
		OperationID string `tfsdk:"operation_id"`
	}
)

// serviceFacts asks the service's own packages. tableName nil is the service's default.
func serviceFacts(tableName *string) (facts, error) {
	defaults, err := service.ReadConfig(nil)
	if err != nil {
		return facts{}, fmt.Errorf("the service's own defaults are refused: %w", err)
	}
	if tableName == nil {
		tableName = &defaults.Table
	}
	documents, err := rest.Documents()
	if err != nil {
		return facts{}, fmt.Errorf("the OpenAPI document cannot be made: %w", err)
	}
	document := documents["openapi-3.0.json"]
	routes, err := routesOf(document)
	if err != nil {
		return facts{}, fmt.Errorf("the OpenAPI document cannot be read: %w", err)
	}
	release, err := releaseVariable()
	if err != nil {
		return facts{}, err
	}
	return facts{
		TableName:   tableName,
		Table:       tableOf(store.SettingsOf(*tableName)),
		Permissions: permissionsOf(store.Permissions()),
		Ports:       portFacts{API: service.Port, Metrics: service.MetricsPort},
		Health:      healthFacts{Path: rest.HealthPath, Command: []string{"CMD", "/api", "live"}},
		Environment: environmentOf(service.Variables()),
		StopTimeout: seconds(defaults.StopTimeout()),
		// What the service itself gives requests in flight. ECS takes a task out of its
		// target group and waits this long before it sends SIGTERM.
		DeregistrationDelay: seconds(defaults.ShutdownDelay + defaults.ShutdownTimeout),
		Routes:              routes,
		SLOs:                slosOf(slo.Objectives(), slo.BurnRates()),
		OpenAPI:             string(document),
		Version:             rest.Version,
		User:                imageUser,
		ReleaseVariable:     release,
	}, nil
}

// seconds are whole ones, upwards.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

func tableOf(settings store.Settings) tableFacts {
	definition := settings.CreateTable
	table := tableFacts{
		Name:                   aws.ToString(definition.TableName),
		BillingMode:            string(definition.BillingMode),
		Attributes:             map[string]string{},
		GlobalSecondaryIndexes: map[string]indexFact{},
		TimeToLiveAttribute:    timeToLive(settings.UpdateTimeToLive),
	}
	table.PartitionKey, table.SortKey = keysOf(definition.KeySchema)
	for _, attribute := range definition.AttributeDefinitions {
		table.Attributes[aws.ToString(attribute.AttributeName)] = string(attribute.AttributeType)
	}
	for _, index := range definition.GlobalSecondaryIndexes {
		partition, sort := keysOf(index.KeySchema)
		table.GlobalSecondaryIndexes[aws.ToString(index.IndexName)] = indexFact{
			PartitionKey: partition, SortKey: sort,
			ProjectionType: string(index.Projection.ProjectionType), NonKeyAttributes: index.Projection.NonKeyAttributes,
		}
	}
	return table
}

func keysOf(schema []types.KeySchemaElement) (partition, sort string) {
	for _, element := range schema {
		switch element.KeyType {
		case types.KeyTypeHash:
			partition = aws.ToString(element.AttributeName)
		case types.KeyTypeRange:
			sort = aws.ToString(element.AttributeName)
		}
	}
	return partition, sort
}

func timeToLive(update *dynamodb.UpdateTimeToLiveInput) string {
	return aws.ToString(update.TimeToLiveSpecification.AttributeName)
}

func permissionsOf(permissions []store.Permission) permissionFacts {
	sorted := permissionFacts{Indexes: map[string][]string{}}
	for _, permission := range permissions {
		if permission.Index == "" {
			sorted.Table = append(sorted.Table, permission.Action)
		} else {
			sorted.Indexes[permission.Index] = append(sorted.Indexes[permission.Index], permission.Action)
		}
	}
	return sorted
}

func environmentOf(variables []service.Variable) map[string]variableFact {
	environment := map[string]variableFact{}
	for _, variable := range variables {
		environment[variable.Name] = variableFact{Type: variable.Type, Default: variable.Default, Description: variable.Description}
	}
	return environment
}

// releaseVariable is the variable that fills Config.Release, whatever it is called.
func releaseVariable() (string, error) {
	for _, variable := range service.Variables() {
		const probe = "sha256:probe"
		config, err := service.ReadConfig([]string{variable.Name + "=" + probe})
		if err == nil && config.Release == probe {
			return variable.Name, nil
		}
	}
	return "", errors.New("no variable of the service fills its release: mend api/service")
}

// routesOf are the operations of the document, by path and method.
func routesOf(document []byte) ([]routeFact, error) {
	var parsed struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(document, &parsed); err != nil {
		return nil, err
	}
	var routes []routeFact
	for path, item := range parsed.Paths {
		for method, described := range item {
			var operation struct {
				OperationID string `json:"operationId"`
			}
			if json.Unmarshal(described, &operation) != nil || operation.OperationID == "" {
				continue // what all operations of a path share
			}
			routes = append(routes, routeFact{Method: strings.ToUpper(method), Path: path, OperationID: operation.OperationID})
		}
	}
	slices.SortFunc(routes, func(a, b routeFact) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return routes, nil
}
