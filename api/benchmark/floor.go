package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/gofrs/uuid/v5"
)

// floor is DynamoDB without a client: requests written with encoding/json and signed
// by hand. It knows no retry, no error, no credentials that change, no checksum.
type floor struct {
	client   *http.Client
	endpoint *url.URL
	signer   signer
}

// newFloor takes another transport than the network if there is one. The SDK reads
// the configuration, and has no part in a request.
func newFloor(ctx context.Context, transport http.RoundTripper) (*floor, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	address := "https://dynamodb." + cfg.Region + ".amazonaws.com"
	if given := dynamodb.NewFromConfig(cfg).Options().BaseEndpoint; given != nil {
		address = *given
	}
	endpoint, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	endpoint.Path = "/"
	if transport == nil {
		network := &http.Transport{DisableCompression: true}
		manyIdle(network)
		transport = network
	}
	return &floor{
		client:   &http.Client{Transport: transport},
		endpoint: endpoint,
		signer:   signer{id: credentials.AccessKeyID, secret: credentials.SecretAccessKey, token: credentials.SessionToken, region: cfg.Region},
	}, nil
}

func (f *floor) call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request := (&http.Request{
		Method: http.MethodPost, URL: f.endpoint, Host: f.endpoint.Host, Header: make(http.Header, 6),
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}).WithContext(ctx)
	request.Header["Content-Type"] = []string{"application/x-amz-json-1.0"}
	request.Header["X-Amz-Target"] = []string{"DynamoDB_20120810." + operation}
	f.signer.sign(request, body)
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", operation, response.Status)
	}
	answer := make([]byte, response.ContentLength) // DynamoDB says how much there is
	if _, err := io.ReadFull(response.Body, answer); err != nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// attribute is one of DynamoDB's values, a string or a number.
type attribute struct {
	S string `json:"S,omitempty"`
	N string `json:"N,omitempty"`
}

func text(s string) attribute    { return attribute{S: s} }
func number(f float64) attribute { return attribute{N: strconv.FormatFloat(f, 'f', -1, 64)} }

// float is 0 where there is no number: the fake has one.
func (a attribute) float() float64 {
	f, _ := strconv.ParseFloat(a.N, 64)
	return f
}

type floorReview struct {
	PK        attribute `json:"pk"`
	SK        attribute `json:"sk"`
	NewestPK  attribute `json:"newest_pk"`
	Rating    attribute `json:"rating"`
	Cost      attribute `json:"cost"`
	Currency  attribute `json:"currency"`
	Visited   attribute `json:"visited_at"`
	Comment   attribute `json:"comment,omitzero"`
	UpdatedAt attribute `json:"updated_at"`
	Version   attribute `json:"version"`
}

type floorSummary struct {
	PK        attribute `json:"pk"`
	SK        attribute `json:"sk"`
	RankingPK attribute `json:"ranking_pk"`
	RankingSK attribute `json:"ranking_sk"`
	NamesPK   attribute `json:"names_pk"`
	NamesSK   attribute `json:"names_sk"`
	Reviews   attribute `json:"reviews"`
	Ratings   attribute `json:"ratings"`
	Costs     struct {
		M map[string]floorCosts
	} `json:"costs"`
	Version attribute `json:"version"`
}

type floorCosts struct {
	M struct {
		Reviews attribute `json:"reviews"`
		Sum     attribute `json:"sum"`
	}
}

func (f *floor) summary(ctx context.Context, restaurant string) (summary, error) {
	in := struct {
		TableName, ReturnConsumedCapacity string
		Key                               map[string]attribute
		ConsistentRead                    bool
	}{table, "TOTAL", map[string]attribute{"pk": text("RESTAURANT#" + restaurant), "sk": text("SUMMARY")}, true}
	var out struct{ Item floorSummary }
	if err := f.call(ctx, "GetItem", in, &out); err != nil {
		return summary{}, err
	}
	stored := out.Item
	sum := summary{
		PK: stored.PK.S, SK: stored.SK.S, RankingPK: stored.RankingPK.S, RankingSK: stored.RankingSK.S, NamesPK: stored.NamesPK.S, NamesSK: stored.NamesSK.S,
		Reviews: int64(stored.Reviews.float()), Ratings: stored.Ratings.float(), Costs: make(map[string]costs, len(stored.Costs.M)), Version: int64(stored.Version.float()),
	}
	for currency, of := range stored.Costs.M {
		sum.Costs[currency] = costs{int64(of.M.Reviews.float()), of.M.Sum.float()}
	}
	return sum, nil
}

type floorPut struct {
	Put struct {
		TableName, ConditionExpression, ReturnValuesOnConditionCheckFailure string
		ExpressionAttributeValues                                           map[string]attribute `json:",omitempty"`
		Item                                                                any
	}
}

func putWhere(item any, condition string, values map[string]attribute) (put floorPut) {
	put.Put.TableName, put.Put.Item, put.Put.ConditionExpression = table, item, condition
	put.Put.ExpressionAttributeValues, put.Put.ReturnValuesOnConditionCheckFailure = values, "ALL_OLD"
	return put
}

func (f *floor) write(ctx context.Context, added reviewItem, changed summary) error {
	sum := floorSummary{
		PK: text(changed.PK), SK: text(changed.SK), RankingPK: text(changed.RankingPK), RankingSK: text(changed.RankingSK), NamesPK: text(changed.NamesPK), NamesSK: text(changed.NamesSK),
		Reviews: number(float64(changed.Reviews)), Ratings: number(changed.Ratings), Version: number(float64(changed.Version)),
	}
	sum.Costs.M = make(map[string]floorCosts, len(changed.Costs))
	for currency, of := range changed.Costs {
		var out floorCosts
		out.M.Reviews, out.M.Sum = number(float64(of.Reviews)), number(of.Sum)
		sum.Costs.M[currency] = out
	}
	token, err := uuid.NewV4()
	if err != nil {
		return err
	}
	in := struct {
		TransactItems                              []floorPut
		ClientRequestToken, ReturnConsumedCapacity string
	}{[]floorPut{
		putWhere(floorReview{
			PK: text(added.PK), SK: text(added.SK), NewestPK: text(added.NewestPK), Rating: number(added.Rating), Cost: number(added.Cost), Currency: text(added.Currency),
			Visited: text(added.Visited), Comment: text(added.Comment), UpdatedAt: text(added.UpdatedAt), Version: number(float64(added.Version)),
		}, "attribute_not_exists(pk)", nil),
		putWhere(sum, "version = :version", map[string]attribute{":version": number(float64(changed.Version - 1))}),
	}, token.String(), "TOTAL"}
	var out struct{}
	return f.call(ctx, "TransactWriteItems", in, &out)
}

func (f *floor) list(ctx context.Context, restaurant string) ([]reviewItem, error) {
	in := struct {
		TableName, KeyConditionExpression, ReturnConsumedCapacity string
		ExpressionAttributeValues                                 map[string]attribute
		ConsistentRead, ScanIndexForward                          bool
		Limit                                                     int
	}{
		table, "pk = :pk AND sk < :before", "TOTAL",
		map[string]attribute{":pk": text("RESTAURANT#" + restaurant), ":before": text("REVIEW$")},
		true, false, pageSize + 1,
	}
	var out struct{ Items []floorReview }
	if err := f.call(ctx, "Query", in, &out); err != nil {
		return nil, err
	}
	items := make([]reviewItem, len(out.Items))
	for i, stored := range out.Items {
		items[i] = reviewItem{
			PK: stored.PK.S, SK: stored.SK.S, NewestPK: stored.NewestPK.S, Rating: stored.Rating.float(), Cost: stored.Cost.float(), Currency: stored.Currency.S,
			Visited: stored.Visited.S, Comment: stored.Comment.S, UpdatedAt: stored.UpdatedAt.S, Version: int64(stored.Version.float()),
		}
	}
	return items, nil
}
