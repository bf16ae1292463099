package conformance

var settingCases = []Case{
	of("continuous backups", create(onDemand+","+hashDefinition), active("$own"),
		becomes("DescribeContinuousBackups", `{"TableName":"$own"}`, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`),
		answers("UpdateContinuousBackups", `{"TableName":"$own","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}`, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"...":true,"PointInTimeRecoveryStatus":"ENABLED"}}}`)),
	of("continuous backups of a missing table", fails("DescribeContinuousBackups", `{"TableName":"@missing"}`, "TableNotFoundException: Table not found: @missing")),
	of("no backups", answers("ListBackups", `{"TableName":"@missing"}`, `{"BackupSummaries":[]}`)),
	of("no exports", answers("ListExports", `{}`, `{"ExportSummaries":"*"}`)),
	of("no global tables", answers("ListGlobalTables", `{}`, `{"GlobalTables":"*"}`)),
	of("no Kinesis destination", answers("DescribeKinesisStreamingDestination", `{"TableName":"@hash"}`, `{"TableName":"@hash","KinesisDataStreamDestinations":[]}`)),
	of("no contributor insights", answers("DescribeContributorInsights", `{"TableName":"@hash"}`, `{"...":true,"TableName":"@hash","ContributorInsightsStatus":"DISABLED"}`)),
}
