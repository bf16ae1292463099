package dynamodb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/pretendfriend/falafel-api/devenv/internal/process"
)

// Java is DynamoDB Local on the Java of this machine. Its files are fetched once with
// Maven, checked against pinned hashes, and kept below the project's .falafel folder. It
// listens on all interfaces, so others on the network can reach it too.
const Java Kind = "java"

var javaEngine = engine{kind: Java, available: javaAvailable, start: startJava}

const (
	// javaMain is the entry point; the published jar's manifest has a class path for
	// another layout, so `java -jar` does not find its libraries.
	javaMain = "software.amazon.dynamodb.services.local.main.ServerRunner"

	javaOldest = 17 // what DynamoDB Local 3 is compiled for (its pom)

	// portAttempts bounds the search for a port that stays free until Java has it.
	portAttempts = 5
)

// errPortTaken is what the loser of a race for a port gets.
var errPortTaken = errors.New("the port was taken meanwhile")

// freePort returns a port that nothing listens on at this moment. A variable, so that a
// test can lose the race that startJava is prepared for.
var freePort = func() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func javaAvailable(ctx context.Context) error {
	// The platforms for which SQLite's native library is published; see dynamodb-local/pom.xml.
	switch platform := runtime.GOOS + "/" + runtime.GOARCH; platform {
	case "linux/amd64", "darwin/amd64", "darwin/arm64":
	default:
		return unavailable("DynamoDB Local has no native library for %s: run it in a container", platform)
	}
	const mend = "install a JRE (Debian: apt-get install openjdk-17-jre-headless)"
	java, err := exec.LookPath("java")
	if err != nil {
		return unavailable("DynamoDB Local needs Java %d or newer on PATH: %s", javaOldest, mend)
	}
	// macOS has a java that only says where to get one, so it has to be run.
	output, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return unavailable("DynamoDB Local needs Java %d or newer on PATH, and %s does not work (%w): %s", javaOldest, java, err, mend)
	}
	if version := javaVersion(string(output)); version < javaOldest {
		return unavailable("DynamoDB Local needs Java %d or newer on PATH, and %s is version %d: %s", javaOldest, java, version, mend)
	}
	return artifactsAvailable()
}

// javaVersion returns the feature release in the output of `java -version` (8 for
// "1.8.0_292"), and 0 when there is none.
func javaVersion(output string) int {
	match := regexp.MustCompile(`version "(?:1\.)?(\d+)`).FindStringSubmatch(output)
	if match == nil {
		return 0
	}
	version, _ := strconv.Atoi(match[1])
	return version
}

func startJava(ctx context.Context, _ Kind, options Options) (database, error) {
	files, err := artifacts(ctx, options.Log)
	if err != nil {
		return nil, err
	}
	for range portAttempts {
		port, err := freePort()
		if err != nil {
			return nil, fmt.Errorf("no port is free for DynamoDB Local: %w", err)
		}
		db, err := startJavaOn(ctx, port, files, options)
		if !errors.Is(err, errPortTaken) {
			return db, err
		}
	}
	return nil, fmt.Errorf("other programs took %d ports in a row from DynamoDB Local: start it again", portAttempts)
}

// startJavaOn runs DynamoDB Local on the port. It listens on all interfaces, and has no
// flag (`-help`) nor a system property to listen on loopback only.
func startJavaOn(ctx context.Context, port int, files string, options Options) (database, error) {
	origin := "http://" + strings.ToLower(rand.Text()) + ".invalid"
	args := []string{
		// Without the optimising compiler the first answer takes 0.8 s instead of 1.1 s,
		// and a development's worth of requests does not earn that back.
		"-XX:TieredStopAtLevel=1",
		"-Djava.library.path=" + files,
		"-classpath", filepath.Join(files, "*"),
		javaMain,
		"-port", strconv.Itoa(port),
		"-sharedDb", // else each pair of access key and region has a database of its own
		"-disableTelemetry",
		"-cors", origin,
	}
	if options.Dir == "" {
		args = append(args, "-inMemory")
	} else {
		args = append(args, "-dbPath", options.Dir)
	}
	command := exec.Command("java", args...) //nolint:noctx // it outlives ctx, which bounds the start alone
	child, err := process.Start(command, options.Log)
	if err != nil {
		return nil, err
	}
	db := &javaDatabase{child: child, url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	client := (&Server{Kind: Java, Endpoint: db.url}).Client()
	err = await(ctx, db, func(ctx context.Context) error { return answersAs(ctx, client, origin) })
	if err == nil {
		return db, nil
	}
	_ = db.stop()
	if child.Log().Has("Address already in use") {
		return nil, errPortTaken
	}
	return nil, err
}

type javaDatabase struct {
	child *process.Process
	url   string
}

func (db *javaDatabase) endpoint() string { return db.url }

func (db *javaDatabase) done() <-chan struct{} { return db.child.Done() }

func (db *javaDatabase) err() error {
	return fmt.Errorf("%w (%s); the last of its log:\n%s", errEnded, db.child.State(), db.child.Log())
}

func (db *javaDatabase) stop() error {
	db.child.Stop(stopWithin)
	return nil
}

// answersAs asks for the tables in the name of a web page from origin, and fails unless
// the answer allows that page to read it. The origin is random and only our child was
// told to allow it, so this tells it from another DynamoDB Local that won the port: for a
// second, until the child finds out and ends, nothing else does.
func answersAs(ctx context.Context, client *sdk.Client, origin string) error {
	out, err := listTables(ctx, client,
		sdk.WithAPIOptions(smithyhttp.AddHeaderValue("Origin", origin)))
	if err != nil {
		return err
	}
	response, _ := awsmiddleware.GetRawResponse(out.ResultMetadata).(*smithyhttp.Response)
	if response == nil || response.Header.Get("Access-Control-Allow-Origin") != origin {
		return errPortTaken
	}
	return nil
}
