package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// enoughSpace, in bytes, is for the data, a few builds, DynamoDB Local and its images.
const enoughSpace = 2 << 30

// places are what the machine has only once: ports and a disk.
func places(state string) []check {
	checks := []check{{
		"disk", "everything that keeps data",
		map[string]string{"": "free some space, in Go's build cache for instance: go clean -cache"},
		func(context.Context) (Status, string) { return space(state) },
	}}
	for _, p := range []struct {
		number      int
		needs, mend string
	}{
		{3000, "everything (the API)", "--addr=127.0.0.1:3100, or FALAFEL_PORT=3100 for compose"},
		{3001, "everything (the console)", "--console-addr=127.0.0.1:3101"},
		{5050, "everything (metrics)", "--metrics-addr=127.0.0.1:5150, or FALAFEL_METRICS_PORT=5150 for compose"},
		{8000, "DynamoDB of compose and devenv dynamodb", "devenv dynamodb --addr=127.0.0.1:8100, or FALAFEL_DYNAMODB_PORT=8100 for compose"},
		{9090, "Prometheus of compose", "FALAFEL_PROMETHEUS_PORT=9190 for compose"},
		{3002, "Grafana of compose", "FALAFEL_GRAFANA_PORT=3102 for compose"},
		{16686, "Jaeger of compose", "FALAFEL_JAEGER_PORT=16786 for compose"},
	} {
		addr := fmt.Sprintf("127.0.0.1:%d", p.number)
		checks = append(checks, check{
			fmt.Sprintf("port %d", p.number), p.needs,
			map[string]string{"": "stop the program that listens on it, or choose another: " + p.mend},
			func(ctx context.Context) (Status, string) { return port(ctx, addr) },
		})
	}
	return checks
}

// Taken is the detail of a port that somebody listens on.
const Taken = "taken"

// port is free when it can be listened on: a Problem otherwise, whoever has it.
func port(ctx context.Context, addr string) (Status, string) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return Problem, Taken
	case err != nil:
		return Problem, err.Error()
	}
	listener.Close()
	return OK, "free"
}

// space looks at the disk of the folder, or of the nearest one above it that exists.
func space(folder string) (Status, string) {
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(folder); err == nil {
			break
		}
		folder = filepath.Dir(folder)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(folder, &disk); err != nil {
		return Problem, err.Error()
	}
	free := disk.Bavail * uint64(disk.Bsize) //nolint:gosec // a block's size is not negative
	detail := fmt.Sprintf("%.1f GB free", float64(free)/1e9)
	if free < enoughSpace {
		return Problem, detail
	}
	return OK, detail
}
