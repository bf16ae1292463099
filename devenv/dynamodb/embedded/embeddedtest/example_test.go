package embeddedtest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/embeddedtest"
)

func ExampleStart() {
	// In a test file this is func TestGreeting(t *testing.T).
	test := func(t testing.TB) { //nolint:thelper // it is a test
		client := embeddedtest.Start(t)

		_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
			TableName:            aws.String("Greetings"),
			BillingMode:          types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("language"), AttributeType: types.ScalarAttributeTypeS}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("language"), KeyType: types.KeyTypeHash}},
		})
		if err != nil {
			t.Fatal(err)
		}
		key := map[string]types.AttributeValue{"language": &types.AttributeValueMemberS{Value: "en"}}
		_, err = client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("Greetings"), Key: key,
			UpdateExpression:          aws.String("SET greeting = :hello"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":hello": &types.AttributeValueMemberS{Value: "hello"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Greetings"), Key: key})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(got.Item["greeting"].(*types.AttributeValueMemberS).Value)
	}
	goTest(test)
	// Output: hello
}

// goTest stands in for the go command, which runs examples without a testing.TB.
func goTest(test func(testing.TB)) {
	t := &example{}
	test(t)
	for _, cleanup := range t.cleanups {
		cleanup()
	}
}

type example struct {
	testing.TB

	cleanups []func()
}

func (e *example) Helper()                  {}
func (e *example) Context() context.Context { return context.Background() }
func (e *example) Output() io.Writer        { return os.Stderr }
func (e *example) Cleanup(f func())         { e.cleanups = append(e.cleanups, f) }
func (e *example) Fatal(args ...any)        { panic(fmt.Sprint(args...)) }
