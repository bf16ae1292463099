package storage_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

// writerFolder, when set, makes this test binary a program that writes to that folder and
// prints what was acknowledged, until somebody kills it.
const writerFolder = "FALAFEL_TEST_STORAGE_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerFolder); dir != "" {
		fmt.Fprintln(os.Stderr, writeForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func writeForever(dir string) error {
	db, err := storage.Open(dir, storage.Options{})
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	var printing sync.Mutex
	for writer := range 8 {
		name := fmt.Sprintf("%d-%d", os.Getpid(), writer)
		wg.Go(func() {
			for n := 0; ; n++ {
				more := attribute.Item{
					"gpk": attribute.String(strconv.Itoa(n % 50)), "lsk": attribute.String(strconv.Itoa(n)),
					"a": attribute.String(strings.Repeat("x", n%3000)),
				}
				if err := db.Update(func(tx *storage.Tx) error {
					_, err := tx.Put(tx.Table("t"), item(name, n, more), storage.User)
					return err
				}); err != nil {
					return
				}
				printing.Lock()
				fmt.Println(name, n)
				printing.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := storage.Open(dir, storage.Options{})
	require.NoError(t, err)
	created(t, db, definition("t"))
	require.NoError(t, db.Close())

	acknowledged := map[string]bool{}
	for _, lines := range []int{1, 500, 2000} {
		writer := exec.Command(os.Args[0])
		writer.Env = append(os.Environ(), writerFolder+"="+dir)
		var errors bytes.Buffer
		writer.Stderr = &errors
		output, err := writer.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, writer.Start())
		scanner := bufio.NewScanner(output)
		for n := 0; scanner.Scan(); n++ {
			acknowledged[scanner.Text()] = true
			if n == lines {
				require.NoError(t, writer.Process.Kill())
			}
		}
		require.Error(t, writer.Wait())
		require.Empty(t, errors.String())

		db, err := storage.Open(dir, storage.Options{})
		require.NoError(t, err)
		require.NoError(t, db.Check())
		require.NoError(t, db.View(func(tx *storage.Tx) error {
			d := tx.Table("t")
			for line := range acknowledged {
				pk, sk, _ := strings.Cut(line, " ")
				_, ok, err := tx.Get(d, attribute.Item{"pk": attribute.String(pk), "sk": attribute.Number(sk)})
				require.NoError(t, err)
				require.True(t, ok, "%s was acknowledged", line)
			}
			return nil
		}))
		require.NoError(t, db.Close())
	}
	require.Greater(t, len(acknowledged), 2500)
}

func TestAFolderIsForOneProcess(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "for", "it")
	db, err := storage.Open(dir, storage.Options{Durable: true})
	require.NoError(t, err)
	_, err = storage.Open(dir, storage.Options{})
	require.EqualError(t, err, fmt.Sprintf(
		"the database in %s is in use by another process (number %d): stop that one, or choose another folder", dir, os.Getpid()))
	created(t, db, definition("t"))
	require.NoError(t, db.Close())

	db, err = storage.Open(dir, storage.Options{})
	require.NoError(t, err)
	assert.NotNil(t, current(t, db, "t"))
	require.NoError(t, db.Close())
}

func TestForeignDataIsRefusedAndLeftAsItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T, file string)
		says string
	}{
		{
			"no bbolt file",
			func(t *testing.T, file string) {
				require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("text "), 10_000), 0o600))
			},
			"holds no such database",
		},
		{
			"a bbolt file of another program",
			func(t *testing.T, file string) {
				bolt(t, file, func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("other")); return err })
			},
			"holds a bbolt file of another program, while this program reads format 1 of falafel-api embedded DynamoDB: choose another folder",
		},
		{
			"another format",
			func(t *testing.T, file string) {
				bolt(t, file, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte("2")) })
			},
			"holds format 2 of falafel-api embedded DynamoDB, while this program reads format 1 of",
		},
		{
			"a file without its end",
			func(t *testing.T, file string) { require.NoError(t, os.Truncate(file, 8192)) },
			"is damaged: its file has lost its end",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			db, err := storage.Open(dir, storage.Options{})
			require.NoError(t, err)
			require.NoError(t, db.Close())
			file := filepath.Join(dir, "data.bolt")
			if test.name == "a bbolt file of another program" {
				require.NoError(t, os.Remove(file))
			}
			test.make(t, file)
			before, err := os.ReadFile(file)
			require.NoError(t, err)

			_, err = storage.Open(dir, storage.Options{})
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, dir)
			after, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, before, after)
		})
	}
}

func bolt(t *testing.T, file string, change func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(file, 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(change))
	require.NoError(t, db.Close())
}
