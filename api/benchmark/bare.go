package main

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/gofrs/uuid/v5"
)

// bare is DynamoDB through the AWS SDK as it comes: nothing is set but enough idle
// connections, without which it would measure the making of connections.
type bare struct {
	client *dynamodb.Client
}

// newBare takes another transport than the network if there is one.
func newBare(ctx context.Context, transport http.RoundTripper) (*bare, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(manyIdle)))
	if err != nil {
		return nil, err
	}
	return &bare{dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) {
		if transport != nil {
			o.HTTPClient = &http.Client{Transport: transport}
		}
	})}, nil
}

func manyIdle(t *http.Transport) {
	t.MaxIdleConns = 256
	t.MaxIdleConnsPerHost = 256
}

func (b *bare) summary(ctx context.Context, restaurant string) (sum summary, err error) {
	out, err := b.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(table),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "RESTAURANT#" + restaurant},
			"sk": &types.AttributeValueMemberS{Value: "SUMMARY"},
		},
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return sum, err
	}
	err = attributevalue.UnmarshalMap(out.Item, &sum)
	return sum, err
}

func (b *bare) write(ctx context.Context, added reviewItem, changed summary) error {
	review, err := attributevalue.MarshalMap(added)
	if err != nil {
		return err
	}
	sum, err := attributevalue.MarshalMap(changed)
	if err != nil {
		return err
	}
	read, err := attributevalue.Marshal(changed.Version - 1)
	if err != nil {
		return err
	}
	token, err := uuid.NewV4()
	if err != nil {
		return err
	}
	_, err = b.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{
			{Put: &types.Put{
				TableName: aws.String(table), Item: review, ConditionExpression: aws.String("attribute_not_exists(pk)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}},
			{Put: &types.Put{
				TableName: aws.String(table), Item: sum, ConditionExpression: aws.String("version = :version"),
				ExpressionAttributeValues:           map[string]types.AttributeValue{":version": read},
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}},
		},
		ClientRequestToken:     aws.String(token.String()),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	return err
}

func (b *bare) list(ctx context.Context, restaurant string) (items []reviewItem, err error) {
	out, err := b.client.Query(ctx, &dynamodb.QueryInput{
		TableName:              aws.String(table),
		KeyConditionExpression: aws.String("pk = :pk AND sk < :before"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk":     &types.AttributeValueMemberS{Value: "RESTAURANT#" + restaurant},
			":before": &types.AttributeValueMemberS{Value: "REVIEW$"},
		},
		ScanIndexForward:       aws.Bool(false),
		ConsistentRead:         aws.Bool(true),
		Limit:                  aws.Int32(pageSize + 1),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return nil, err
	}
	err = attributevalue.UnmarshalListOfMaps(out.Items, &items)
	return items, err
}
