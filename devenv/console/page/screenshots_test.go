package page_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/browsertest"
	"github.com/pretendfriend/falafel-api/devenv/faults"
)

// It is not a test: it takes the pictures in docs/screenshots, of half a minute of traffic.
//
//	FALAFEL_TEST_SCREENSHOTS=DIR go test ./devenv/console/page -run ThePicturesOfTheDocs
func TestThePicturesOfTheDocs(t *testing.T) {
	if asked := flag.Lookup("test.run").Value.String(); !strings.Contains(asked, "Pictures") {
		t.Skip("pictures take their time: they are taken for -run ThePicturesOfTheDocs")
	}
	t.Parallel()
	e := start(t)
	restaurants := []string{"Habibi", "Sahara", "Falafel König", "Tel Aviv", "Maoz", "Dada", "Zaatar & Co"}
	comments := []string{"Crisp outside, green inside.", "The tahina could be warmer.", "Queue, but worth it.", "Best in town."}
	traffic := func(seconds int) {
		for second := range seconds {
			until := time.NewTimer(time.Second)
			for range 3 + rand.IntN(9) + second/4 {
				name := restaurants[rand.IntN(len(restaurants))]
				switch rand.IntN(5) {
				case 0:
					e.review(t, name, comments[rand.IntN(len(comments))])
				case 1:
					e.send(t, http.MethodGet, "/v1/restaurants?limit=10", "")
				case 2:
					e.send(t, http.MethodGet, "/v1/reviews?limit=20", "")
				default:
					e.send(t, http.MethodGet, "/v1/restaurants/"+url.PathEscape(name)+"/reviews?limit=5", "")
				}
			}
			<-until.C
		}
	}
	traffic(25)
	light := open(t, e.url, "", themed("light"))
	dark := open(t, e.url, "charts", themed("dark"))
	browsertest.Evaluate[any](dark, `(`+element("button", "1 min")+`).click() ?? null`)
	small := open(t, e.url, "", themed("light"), phone)
	traffic(5)

	light.WaitFor(`document.querySelectorAll("[role=option]").length > 20`)
	light.Screenshot("requests")
	dark.Screenshot("charts")
	click(light, row("201"))
	inDetail(light, "create a review")
	goTo(small, browsertest.Evaluate[string](light, `location.hash.slice(2)`))
	inDetail(small, "create a review")
	small.Screenshot("phone")
	click(light, element("[role=tab]", "Overview"))
	click(light, element(".bar-row", "create a review"))
	inDetail(light, "ClientRequestToken")
	light.Screenshot("request")
	goTo(light, "table/reviews of a restaurant, newest first?restaurant=Habibi")
	light.WaitFor(`document.querySelectorAll(".items tbody tr").length > 2`)
	click(light, button("Open RESTAURANT#Habibi"))
	inDetail(light, "newest_pk")
	light.Screenshot("table")

	require.NoError(t, e.faults.Switch(faults.Fault{Kind: faults.Throttling, Share: 0.8}))
	status := 0
	for range 100 {
		if status = e.send(t, http.MethodGet, "/v1/restaurants/Habibi", ""); status != http.StatusOK {
			break
		}
	}
	goTo(light, "requests")
	click(light, row(fmt.Sprint(status)))
	inDetail(light, "attempt 2")
	light.Screenshot("fault")
}
