package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// absentOperations tell of features that are not here, as an account does that has never
// used them: consoles and infrastructure tools ask about them on their way.
var absentOperations = map[string]handler{
	"ListBackups":                         empty("BackupSummaries"),
	"ListExports":                         empty("ExportSummaries"),
	"ListImports":                         empty("ImportSummaryList"),
	"ListGlobalTables":                    empty("GlobalTables"),
	"ListContributorInsights":             empty("ContributorInsightsSummaries"),
	"DescribeContributorInsights":         handle((*Service).describeContributorInsights),
	"DescribeKinesisStreamingDestination": handle((*Service).describeKinesisStreamingDestination),
}

// empty makes a handler that lists nothing.
func empty(member string) handler {
	return handle(func(*Service, *Call, *struct{}) (*map[string][]string, error) {
		return &map[string][]string{member: {}}, nil
	})
}

type describeContributorInsightsInput struct {
	tableRequest

	IndexName *string `json:"IndexName"`
}

type describeContributorInsightsOutput struct {
	TableName                   string   `json:"TableName"`
	IndexName                   *string  `json:"IndexName,omitzero"`
	ContributorInsightsRuleList []string `json:"ContributorInsightsRuleList"`
	ContributorInsightsStatus   string   `json:"ContributorInsightsStatus"`
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html
func (s *Service) describeContributorInsights(_ *Call, in *describeContributorInsightsInput) (*describeContributorInsightsOutput, error) {
	name, err := s.existing(&in.tableRequest)
	return &describeContributorInsightsOutput{name, in.IndexName, []string{}, "DISABLED"}, err
}

type describeKinesisStreamingDestinationOutput struct {
	TableName                     string   `json:"TableName"`
	KinesisDataStreamDestinations []string `json:"KinesisDataStreamDestinations"`
}

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html
func (s *Service) describeKinesisStreamingDestination(_ *Call, in *tableRequest) (*describeKinesisStreamingDestinationOutput, error) {
	name, err := s.existing(in)
	return &describeKinesisStreamingDestinationOutput{name, []string{}}, err
}

// existing returns the name of the table that a request is about, which must be there.
func (s *Service) existing(in *tableRequest) (string, error) {
	name, err := in.name()
	if err != nil {
		return "", err
	}
	return name, s.db.View(func(tx *storage.Tx) error {
		_, err := namedTable(tx, name)
		return err
	})
}
