package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb"
)

// localCommand is the command line of DynamoDB Local as devenv starts it, in memory.
type localCommand []string

// findLocal starts one, which fetches it where that has not happened yet, reads its
// command line, and stops it.
func findLocal(ctx context.Context) (localCommand, error) {
	server, err := dynamodb.Start(ctx, dynamodb.Java, dynamodb.Options{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = server.Close() }() // it has said what it can
	_, port, _ := strings.Cut(strings.TrimPrefix(server.Endpoint, "http://"), ":")
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	for _, file := range all {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		words := strings.Split(string(bytes.TrimSuffix(line, []byte{0})), "\x00")
		if at := slices.Index(words, "-port"); at > 0 && at+1 < len(words) && words[at+1] == port && slices.Contains(words, "-inMemory") {
			return words, nil
		}
	}
	return nil, errors.New("DynamoDB Local is not among the processes in /proc, which Linux has")
}

// on returns the command for a port. An optimised one has Java's own choice of compilers.
func (c localCommand) on(port int, optimised bool) []string {
	var command []string
	for i, word := range c {
		switch {
		case i > 0 && c[i-1] == "-port":
			command = append(command, strconv.Itoa(port))
		case optimised && strings.HasPrefix(word, "-XX:TieredStopAtLevel="):
		default:
			command = append(command, word)
		}
	}
	return command
}

// startLocal starts DynamoDB Local in memory.
func startLocal(ctx context.Context, c localCommand, optimised bool) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	return start(ctx, "DynamoDB Local", fmt.Sprintf("127.0.0.1:%d", port), c.on(port, optimised))
}
