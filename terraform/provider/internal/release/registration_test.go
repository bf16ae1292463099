package release

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
)

// A new version of the SDK may know more of a task definition: what is registered once
// more must not lose it.
func TestEveryFieldOfATaskDefinitionIsCarriedOver(t *testing.T) {
	t.Parallel()
	input := reflect.TypeFor[ecs.RegisterTaskDefinitionInput]()
	for i := range input.NumField() {
		field := input.Field(i)
		if !field.IsExported() || field.Name == "InferenceAccelerators" { // AWS has ended those
			continue
		}
		var definition types.TaskDefinition
		tags := []types.Tag{}
		if field.Name != "Tags" {
			full := reflect.ValueOf(&definition).Elem().FieldByName(field.Name)
			if !assert.True(t, full.IsValid(), "%s is no field of what is described", field.Name) {
				continue
			}
			fill(full)
		}
		carried := reflect.ValueOf(registration(&definition, tags)).Elem().Field(i)
		assert.False(t, carried.IsZero(), "%s is lost", field.Name)
	}
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	default:
		v.SetString("set")
	}
}
