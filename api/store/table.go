package store

import (
	"hash/fnv"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The attributes that DynamoDB itself looks at.
const (
	attrPK        = "pk"
	attrSK        = "sk"
	attrNewestPK  = "newest_pk"
	attrRankingPK = "ranking_pk"
	attrRankingSK = "ranking_sk"
	attrNamesPK   = "names_pk"
	attrNamesSK   = "names_sk"

	// ExpiryAttribute holds the time, in seconds since 1970, after which DynamoDB
	// may remove an item (its Time to Live setting). It may take its time, so that
	// an item which is past it counts as absent here too.
	ExpiryAttribute = "expires_at"
)

// The global secondary indexes. Each is sparse: only items that have its keys are
// in it. Each has its keys spread over [Shards] partitions.
const (
	indexNewest  = "newest"  // reviews of all restaurants by time
	indexRanking = "ranking" // restaurants by average rating
	indexNames   = "names"   // restaurants by name
)

// Shards is how many partitions the keys of an index are spread over.
//
// A partition takes 1,000 write units a second, and every new review is in one
// partition of each index. A create consumes about ten units, and an on-demand
// table's default quota is 40,000 units a second, some 4,000 creates: four shards
// carry what the table carries. A page costs one query per shard, so that more of
// them would make every read dearer for writes that the table would not take.
const Shards = 4

// The prefixes that name the entity in a key.
const (
	prefixRestaurant  = "RESTAURANT#"  // pk of a restaurant's reviews and its summary
	prefixReview      = "REVIEW#"      // sk of a review; its id follows
	skSummary         = "SUMMARY"      // sk of a restaurant's summary: sorts behind its reviews
	prefixIdempotency = "IDEMPOTENCY#" // pk of an idempotency record; its key follows
	skIdempotency     = "IDEMPOTENCY"  //
	pkCursorKey       = "CURSOR_KEY"   // pk and sk of the key that seals cursors

	// afterReviews is the first sort key behind all reviews ('$' follows '#').
	afterReviews = "REVIEW$"
)

// Settings are what makes a table ours, as the input of the two operations that DynamoDB
// takes it in. As JSON (`api table`) each is what the AWS CLI takes with --cli-input-json.
//
// Not here, since only AWS has it, but wanted of every table there: point-in-time
// recovery.
type Settings struct {
	CreateTable      *dynamodb.CreateTableInput
	UpdateTimeToLive *dynamodb.UpdateTimeToLiveInput
}

// SettingsOf are those of a table of that name.
func SettingsOf(table string) Settings {
	return Settings{
		CreateTable: Definition(table),
		UpdateTimeToLive: &dynamodb.UpdateTimeToLiveInput{
			TableName:               aws.String(table),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(ExpiryAttribute), Enabled: aws.Bool(true)},
		},
	}
}

// Definition is the table: keys, indexes, billing. It is the one place that holds
// them; what creates a table, checks one or describes one reads it here, or with its Time
// to Live in [SettingsOf].
func Definition(table string) *dynamodb.CreateTableInput {
	text := func(names ...string) (attributes []types.AttributeDefinition) {
		for _, name := range names {
			attributes = append(attributes, types.AttributeDefinition{
				AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS,
			})
		}
		return attributes
	}
	keys := func(partition, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		}
	}
	index := func(name, partition, sort string) types.GlobalSecondaryIndex {
		return types.GlobalSecondaryIndex{
			IndexName: aws.String(name), KeySchema: keys(partition, sort),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}
	}
	return &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: text(attrPK, attrSK, attrNewestPK, attrRankingPK, attrRankingSK, attrNamesPK, attrNamesSK),
		KeySchema:            keys(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			index(indexNewest, attrNewestPK, attrSK),
			index(indexRanking, attrRankingPK, attrRankingSK),
			index(indexNames, attrNamesPK, attrNamesSK),
		},
	}
}

// shardKey is the partition of an index that belongs to the text.
func shardKey(index, text string) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(text))
	return shardName(index, int(hash.Sum32()%Shards))
}

func shardName(index string, shard int) string { return index + "#" + strconv.Itoa(shard) }
