// Command benchmark measures what it costs that the console watches: requests a second
// through the front port of two whole environments on this machine, one with the console
// and a page that listens, and one without. They take turns, so that whatever else the
// machine does falls on both. Beside that, the processor time that all of it took for a
// request: where a machine is busy with other things, that is the fairer number.
//
//	go run ./devenv/console/benchmark
//
// It needs wrk, and Linux.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/environment"
	"github.com/pretendfriend/falafel-api/devenv/internal/screen"
)

// requests are what is asked again and again.
var requests = []struct{ name, path, script string }{
	{"read the status, which asks no database", "/status", ""},
	{"list 20 reviews", "/v1/restaurants/Habibi/reviews", ""},
	{"create a review", "/", `
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"rating":4.5,"visited_at":"2026-11-20T12:30:00+01:00","cost":8.5,"comment":"Crisp outside, green inside."}'
function request() return wrk.format(nil, "/v1/restaurants/R" .. math.random(1, 2000) .. "/reviews") end
`},
}

func main() {
	rounds := flag.Int("rounds", 9, "turns of each")
	seconds := flag.Int("seconds", 3, "length of a turn")
	connections := flag.Int("connections", 16, "clients at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds, *seconds, *connections)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmark:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds, seconds, connections int) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		return errors.New("wrk is not installed: apt-get install wrk, or brew install wrk")
	}
	folder, err := os.MkdirTemp("", "falafel-console-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	without, stop, err := start(ctx, filepath.Join(folder, "without"), false)
	if err != nil {
		return err
	}
	defer stop()
	with, stop, err := start(ctx, filepath.Join(folder, "with"), true)
	if err != nil {
		return err
	}
	defer stop()
	fmt.Printf("%d rounds of %d s, %d clients; without and with the console, and their ratio in a round; medians\n", rounds, seconds, connections)
	for i, request := range requests {
		script := ""
		if request.script != "" {
			script = filepath.Join(folder, strconv.Itoa(i)+".lua")
			if err := os.WriteFile(script, []byte(request.script), 0o600); err != nil {
				return err
			}
		}
		speed, cost := map[string][]float64{}, map[string][]float64{}
		for round := range rounds {
			turns := []string{without, with}
			if round%2 == 1 {
				slices.Reverse(turns)
			}
			for _, addr := range turns {
				// What may be recorded at once after a pause is over before the measurement begins.
				if _, err := load(ctx, "http://"+addr+request.path, script, 1, connections); err != nil {
					return err
				}
				before := processorTime()
				perSecond, err := load(ctx, "http://"+addr+request.path, script, seconds, connections)
				if err != nil {
					return err
				}
				speed[addr] = append(speed[addr], perSecond)
				cost[addr] = append(cost[addr], (processorTime()-before).Seconds()*1e6/(perSecond*float64(seconds)))
			}
		}
		fmt.Printf("%-40s requests/s %6.0f %6.0f ratio %.2f   CPU µs/request %5.0f %5.0f ratio %.2f\n", request.name,
			median(speed[without]), median(speed[with]), median(ratios(speed[with], speed[without])),
			median(cost[without]), median(cost[with]), median(ratios(cost[without], cost[with])))
	}
	return nil
}

func median(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }

// ratios are of turns that followed each other: a machine is faster in one minute than in
// the next.
func ratios(of, to []float64) []float64 {
	list := make([]float64, len(of))
	for i := range of {
		list[i] = of[i] / to[i]
	}
	return list
}

// tick is the kernel's unit of processor time (USER_HZ).
const tick = 10 * time.Millisecond

// processorTime is what this process took with all its children, those that run and those
// that ended: the fronts and databases, the APIs, and wrk.
func processorTime() (total time.Duration) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	own := strconv.Itoa(os.Getpid())
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// After the name in parentheses, which may hold anything: state, parent, …
		_, rest, _ := strings.Cut(string(content), ") ")
		fields := strings.Fields(rest)
		self := strings.HasPrefix(string(content), own+" ")
		if len(fields) < 15 || !self && fields[1] != own {
			continue
		}
		for i, field := range fields[11:15] { // utime, stime, cutime, cstime
			if i < 2 || self {
				n, _ := strconv.ParseInt(field, 10, 64) // digits
				total += time.Duration(n) * tick
			}
		}
	}
	return total
}

// start returns where the environment answers, when it does.
func start(ctx context.Context, state string, console bool) (addr string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	out := &screen.Screen{}
	options := environment.Options{State: state, Samples: true, Out: out}
	addresses := []*string{&options.Addr, &options.MetricsAddr}
	if console {
		addresses = append(addresses, &options.ConsoleAddr)
	}
	for _, addr := range addresses {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			cancel()
			return "", nil, err
		}
		*addr = listener.Addr().String()
		_ = listener.Close()
	}
	ended := make(chan error, 1)
	go func() { ended <- environment.Up(ctx, options) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	for !strings.Contains(out.String(), "Ctrl-C stops everything") {
		select {
		case err := <-ended:
			cancel()
			return "", nil, fmt.Errorf("the environment ended (%w): %s", err, out)
		case <-time.After(100 * time.Millisecond):
		}
	}
	if console {
		go listen(ctx, options.ConsoleAddr)
	}
	return options.Addr, stop, nil
}

// listen is a page that is open.
func listen(ctx context.Context, addr string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/api/events", http.NoBody)
	if err != nil {
		return
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

var perSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)

func load(ctx context.Context, url, script string, seconds, connections int) (float64, error) {
	arguments := []string{"-t1", "-c" + strconv.Itoa(connections), "-d" + strconv.Itoa(seconds) + "s"}
	if script != "" {
		arguments = append(arguments, "-s", script)
	}
	output, err := exec.CommandContext(ctx, "wrk", append(arguments, url)...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("wrk: %w: %s", err, output)
	}
	found := perSecond.FindSubmatch(output)
	if found == nil || strings.Contains(string(output), "Non-2xx") {
		return 0, fmt.Errorf("not all answers are good: %s", output)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
