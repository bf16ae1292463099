package page_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/chromedp/cdproto/dom"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
)

func TestARequestIsSeenReplayedChangedAndCopied(t *testing.T) {
	t.Parallel()
	e := start(t)
	tab := open(t, e.url, "")
	shows(tab, "No requests yet", "curl -i "+e.front)
	tab.Screenshot("empty")

	// It shows up by itself, with what it cost.
	e.review(t, "Habibi", "Crisp outside, green inside.")
	tab.WaitFor(row("/v1/restaurants/Habibi/reviews"))
	tab.WaitFor(`/201\s+[\d.]+ ms\s+2 calls, [\d.]+ ms\s+1 R  10 W\s+\$7\.\d\d/.test(` + row("/v1/restaurants/Habibi/reviews") + `.innerText)`)

	// What it did to DynamoDB, on an axis of time.
	click(tab, row("/v1/restaurants/Habibi/reviews"))
	inDetail(tab, "create a review", "TransactWriteItems", "summary of a restaurant before a change", "10 W  $7.63", "/v1/restaurants/{restaurant}/reviews")
	tab.WaitFor(`(bars => bars.length === 3 && bars.every(b => b.getBoundingClientRect().width >= 2) && bars[2].getBoundingClientRect().left > bars[1].getBoundingClientRect().left)([...document.querySelectorAll(".bar")])`)
	tab.Screenshot("waterfall")
	click(tab, element(".bar-row", "create a review"))
	inDetail(tab, "ClientRequestToken", "created", "+ S Crisp outside, green inside.")
	tab.Screenshot("call")

	// Items, headers, bodies, logs and spans.
	click(tab, button("Items"))
	inDetail(tab, "RESTAURANT#Habibi", "SUMMARY", "ranking_pk")
	click(tab, element("[role=tab]", "Request"))
	inDetail(tab, "Content-Type", `"rating": 4.5`)
	click(tab, element("[role=tab]", "Response"))
	inDetail(tab, "Location", `"version": 1`)
	click(tab, element("[role=tab]", "Logs"))
	inDetail(tab, "duration_ms")
	click(tab, element("[role=tab]", "Spans"))
	inDetail(tab, "DynamoDB.TransactWriteItems")
	tab.Screenshot("spans")
	click(tab, button("The whole trace"))
	inDetail(tab, "DynamoDB.GetItem", "POST /v1/restaurants/Habibi/reviews")
	goTo(tab, "requests/1")

	// Once more, as it was: another review, and the item that changed.
	items := e.items(t)
	click(tab, button("Replay"))
	tab.WaitFor(`location.hash.startsWith("#/requests/2")`)
	inDetail(tab, "Request 1") // what it is a replay of
	assert.Equal(t, items+1, e.items(t))
	click(tab, element("[role=tab]", "Items"))
	tab.WaitFor(`(row => row && row.querySelector("del").innerText === "− N 1" && row.querySelector("ins").innerText === "+ N 2")([...document.querySelectorAll(".diff tr")].find(r => /^reviews\b/.test(r.innerText)))`)
	tab.Screenshot("diff")

	// Changed: what it asks is what is sent.
	click(tab, button("Edit and send"))
	fill(tab, labelled("Body"), `{"rating": 9}`)
	click(tab, element("form .button.primary", "Send"))
	inDetail(tab, "/problems/validation", "422")
	assert.Equal(t, items+1, e.items(t))

	// As a command, a test, a program: what the console says.
	browsertest.Evaluate[any](tab, `Object.defineProperty(navigator, "clipboard", {value: {writeText: async text => { window.copied = text }}}) && null`)
	goTo(tab, "requests/1")
	for title, start := range map[string]string{"Copy as curl": "curl", "Copy as a Go test": "package", "Copy as TypeScript": "fetch("} {
		click(tab, button(title))
		tab.WaitFor(`window.copied?.includes("Crisp outside, green inside.") && window.copied.includes(` + quoted(start) + `)`)
		browsertest.Evaluate[any](tab, `(window.copied = "") || null`)
	}
	kept(t, tab, e.url)
}

func TestAFaultIsSwitchedOnSeenAndSwitchedOff(t *testing.T) {
	t.Parallel()
	e := start(t)
	e.review(t, "Habibi", "Crisp!")
	tab := open(t, e.url, "faults")
	card := `document.querySelector("section[aria-label=Errors]")`
	tab.WaitFor(card)
	fill(tab, card+`?.querySelector("select")`, "restaurant with its newest review")
	click(tab, button("Turn on: Errors"))
	shows(tab, "A fault is on:")
	require.Len(t, e.faults.Faults(), 1)
	tab.Screenshot("on")

	// The client sees 503, and the console why.
	assert.Equal(t, http.StatusOK, e.send(t, http.MethodGet, "/v1/restaurants/Habibi/reviews", ""))
	assert.Equal(t, http.StatusServiceUnavailable, e.send(t, http.MethodGet, "/v1/restaurants/Habibi", ""))
	goTo(tab, "requests?status=5xx")
	tab.WaitFor(`document.querySelectorAll("[role=option]").length === 1`)
	click(tab, row("503"))
	inDetail(tab, "attempt 2", "fault: errors", "InternalServerError")
	tab.Screenshot("request")
	for _, view := range []string{"logs", "traces", "table/indexes", "charts", "environment", "requests"} {
		goTo(tab, view)
		tab.WaitFor(`location.hash === ` + quoted("#/"+view) + ` && document.querySelector(".banner")`)
	}

	// Switched from elsewhere, the page follows; off again, the service is as before.
	e.faults.Clear()
	tab.WaitFor(`!document.querySelector(".banner")`)
	goTo(tab, "faults")
	fill(tab, `document.querySelector("section[aria-label=Latency] input")`, "0.5")
	click(tab, button("Turn on: Latency"))
	shows(tab, "latency of 500ms for 0.5 % of all calls")
	click(tab, element(".banner button", "Turn off"))
	tab.WaitFor(`!document.querySelector(".banner")`)
	assert.Empty(t, e.faults.Faults())
	assert.Equal(t, http.StatusOK, e.send(t, http.MethodGet, "/v1/restaurants/Habibi", ""))
	kept(t, tab, e.url)
}

func TestAnItemIsFoundChangedAndDeleted(t *testing.T) {
	t.Parallel()
	e := start(t)
	e.review(t, "Habibi", "Crisp!")
	e.review(t, "Sahara", "Soft.")
	tab := open(t, e.url, "table")
	tab.WaitFor(`document.querySelectorAll(".items tbody tr").length === ` + "5") // two reviews, two summaries, the cursors' key

	// An access pattern, with what it asks for filled in.
	click(tab, element("[role=tab]", "reviews of a restaurant, newest first"))
	fill(tab, labelled("Restaurant"), "Habibi")
	click(tab, button("Read"))
	tab.WaitFor(`document.querySelectorAll(".items tbody tr").length === 1`)
	shows(tab, "1 item · 1 read unit ·")
	tab.Screenshot("pattern")

	// Changed, and in the table.
	click(tab, button("Open RESTAURANT#Habibi"))
	inDetail(tab, "Crisp!")
	click(tab, element("[role=tab]", "Edit"))
	field := `document.querySelector("#item-json")`
	tab.WaitFor(field)
	fill(tab, field, "{")
	inDetail(tab, "Not JSON")
	click(tab, element("[role=tab]", "DynamoDB JSON"))
	click(tab, element("[role=tab]", "Edit"))
	tab.WaitFor(field + `?.value.includes("Crisp!")`)
	browsertest.Evaluate[any](tab, `(f => { f.value = f.value.replace("Crisp!", "Very crisp!"); f.dispatchEvent(new Event("input", {bubbles: true})); return null })(`+field+`)`)
	inDetail(tab, "What changes", "+ S Very crisp!")
	tab.Screenshot("edit")
	click(tab, element("form .button.primary", "Save"))
	shows(tab, "The item is saved.")
	inDetail(tab, "Very crisp!")
	key := e.comment(t, "RESTAURANT#Habibi", "Very crisp!")

	// Somebody else changed it meanwhile: theirs is not overwritten.
	click(tab, element("[role=tab]", "Edit"))
	tab.WaitFor(field + `?.value.includes("Very crisp!")`)
	_, err := e.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &e.table, Key: key, UpdateExpression: aws.String("SET #c = :c"), ExpressionAttributeNames: map[string]string{"#c": "comment"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":c": &types.AttributeValueMemberS{Value: "Theirs."}},
	})
	require.NoError(t, err)
	browsertest.Evaluate[any](tab, `(f => { f.value = f.value.replace("Very crisp!", "Mine."); f.dispatchEvent(new Event("input", {bubbles: true})); return null })(`+field+`)`)
	click(tab, element("form .button.primary", "Save"))
	click(tab, button("Load it as it is now"))
	tab.WaitFor(field + `?.value.includes("Theirs.")`)
	e.comment(t, "RESTAURANT#Habibi", "Theirs.")

	// Deleted, after a question.
	items := e.items(t)
	click(tab, button("Delete the item"))
	tab.WaitFor(`document.querySelector("dialog[open]")`)
	tab.Screenshot("delete")
	click(tab, element("dialog button", "Cancel"))
	assert.Equal(t, items, e.items(t))
	click(tab, button("Delete the item"))
	click(tab, element("dialog button", "Delete it"))
	shows(tab, "The item is deleted.")
	assert.Equal(t, items-1, e.items(t))

	goTo(tab, "table/indexes")
	shows(tab, "Used by", "newest_pk")
	tab.Screenshot("indexes")
	kept(t, tab, e.url, "409 (Conflict)")
}

// comment requires that the one review of a partition has a comment, and returns its key.
func (e *environment) comment(t *testing.T, pk, want string) map[string]types.AttributeValue {
	t.Helper()
	found, err := e.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &e.table, KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}, ":sk": &types.AttributeValueMemberS{Value: "REVIEW#"}},
	})
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	assert.Equal(t, &types.AttributeValueMemberS{Value: want}, found.Items[0]["comment"])
	return map[string]types.AttributeValue{"pk": found.Items[0]["pk"], "sk": found.Items[0]["sk"]}
}

func TestDataIsLoadedAndResetAndASnapshotIsKept(t *testing.T) {
	t.Parallel()
	e := start(t)
	e.review(t, "Habibi", "Crisp!")
	tab := open(t, e.url, "environment")
	shows(tab, "3 services healthy", "Built in 1.20 s")
	fill(tab, labelled("Profile"), "load")
	tab.WaitFor(labelled("Reviews") + `?.value === "1000"`)
	fill(tab, labelled("Reviews"), "10000")
	click(tab, button("Load"))
	shows(tab, "10,000 reviews loaded.")
	click(tab, button("Reset"))
	click(tab, element("dialog button", "Cancel"))
	tab.WaitFor(`!document.querySelector("dialog[open]")`)
	click(tab, button("Reset"))
	click(tab, element("dialog button", "Delete and begin anew"))
	shows(tab, "As on the first day")
	e.mu.Lock()
	assert.Equal(t, []string{"load 10000"}, e.seeded)
	assert.Equal(t, 1, e.resets)
	e.mu.Unlock()

	// A snapshot is a file. It shows what was, and nothing can be done to it.
	file := filepath.Join(t.TempDir(), "bug.falafel.json.gz")
	require.NoError(t, os.WriteFile(file, e.snapshot(t), 0o600))
	e.send(t, http.MethodGet, "/v1/restaurants/Later", "")
	click(tab, `document.querySelector("label[for=snapshot-file]") && document.body`) // it is there
	node := browsertest.Call(tab, dom.GetDocument, dom.GetDocumentParams{}).Root.NodeID
	input := browsertest.Call(tab, dom.QuerySelector, dom.QuerySelectorParams{NodeID: node, Selector: "#snapshot-file"}).NodeID
	browsertest.Call(tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, NodeID: input})
	tab.WaitFor(`location.pathname.startsWith("/snapshots/") && /Snapshot of .*, read-only/.test(document.body.innerText)`)
	click(tab, row("/v1/restaurants/Habibi/reviews"))
	inDetail(tab, "create a review")
	tab.Screenshot("opened")
	assert.False(t, browsertest.Evaluate[bool](tab, `Boolean(`+row("Later")+`)`), "it came later")
	assert.False(t, browsertest.Evaluate[bool](tab, `Boolean(`+button("Replay")+`)`))
	goTo(tab, "environment")
	tab.WaitFor(button("To the environment that runs"))
	assert.False(t, browsertest.Evaluate[bool](tab, `Boolean(`+element("button", "Reset")+`)`))
	click(tab, button("To the environment that runs"))
	tab.WaitFor(`location.pathname === "/" && document.querySelector(".connection.live")`)
	kept(t, tab, e.url)
}

func (e *environment) snapshot(t *testing.T) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, e.url+"/api/snapshot", http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return content
}
