// Command storagebench compares key-value stores for the embedded DynamoDB, by what that
// does with one: it writes items of some 200 bytes with an entry in one index, gets them,
// reads ranges of 20, and writes two in a transaction, with one client and with 16. Each
// store is set so that an acknowledged write survives kill -9, but need not survive a loss
// of power. docs/decisions/0008 has its figures.
//
//	go run .                        all stores, each in a process of its own
//	go run . -store bbolt -n 100000 one, with so many items
//
// It is a module of its own so that the stores which were not chosen, and the forty
// modules that they need, do not become dependencies of the project.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A store is what the engine needs of one.
type store interface {
	// write sets pairs atomically. It reads each first, as a condition would.
	write(pairs []pair) error
	get(key []byte) ([]byte, error)
	// scan calls fn for the pairs from a key on, until fn returns false.
	scan(from []byte, fn func(k, v []byte) bool) error
	close() error
}

// A pair is an item, or its entry in an index, which is kept apart.
type pair struct {
	index      bool
	key, value []byte
}

var stores = []struct {
	name string
	open func(dir string) (store, error)
}{
	{"bbolt", openBolt},
	{"pebble", openPebble},
	{"sqlite", openSQLite},
}

func main() {
	name := flag.String("store", "", "bbolt, pebble or sqlite; empty: all")
	n := flag.Int("n", 1_000_000, "items in the store")
	dir := flag.String("dir", "", "with a store that is filled: report how it opens")
	flag.Parse()
	if err := run(*name, *n, *dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string, n int, dir string) error {
	if name == "" {
		fmt.Printf("%d items. CPU in µs for each operation, and operations per second.\n\n", n)
		fmt.Println("| | put, 1 client | put, 16 | two items, 1 | two items, 16 | get, 16 | range of 20, 16 | open | RSS (anonymous) | file |")
		fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	}
	for _, s := range stores {
		var err error
		switch {
		case name == "":
			err = child("-store", s.name, "-n", fmt.Sprint(n))
		case name == s.name && dir != "":
			err = reopen(s.open, dir, n)
		case name == s.name:
			err = measure(s.name, s.open, n)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func child(arguments ...string) error {
	command := exec.Command(os.Args[0], arguments...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

// measure prints the row of a store.
func measure(name string, open func(string) (store, error), n int) error {
	dir, err := os.MkdirTemp("", "storagebench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := open(dir)
	if err != nil {
		return err
	}
	if err := fill(s, n); err != nil {
		return err
	}
	row := []string{name}
	for _, work := range []struct {
		clients int
		do      func(s store, i int) error
	}{
		{1, func(s store, i int) error { return s.write(pairs(i)) }},
		{16, func(s store, i int) error { return s.write(pairs(i)) }},
		{1, func(s store, i int) error { return s.write(append(pairs(i), pairs(i+1)...)) }},
		{16, func(s store, i int) error { return s.write(append(pairs(i), pairs(i+1)...)) }},
		{16, getOne},
		{16, rangeOf20},
	} {
		cell, err := throughput(s, n, work.clients, work.do)
		if err != nil {
			return err
		}
		row = append(row, cell)
	}
	if err := s.close(); err != nil {
		return err
	}
	fmt.Print("| " + strings.Join(row, " | ") + " | ")
	if err := child("-store", name, "-n", fmt.Sprint(n), "-dir", dir); err != nil {
		return err
	}
	fmt.Printf(" %d MB |\n", folderSize(dir)>>20)
	return nil
}

func fill(s store, n int) error {
	const batch = 1000
	for start := 0; start < n; start += batch {
		var all []pair
		for i := start; i < min(n, start+batch); i++ {
			all = append(all, pairs(i)...)
		}
		if err := s.write(all); err != nil {
			return err
		}
	}
	return nil
}

// mixed spreads items over the key space as the hash of a partition does; 100 share one.
func mixed(i int) uint64 {
	h := uint64(i/100) * 0x9E3779B97F4A7C15
	return h ^ h>>29
}

func itemKey(i int) []byte {
	key := binary.BigEndian.AppendUint64(nil, mixed(i))
	return fmt.Appendf(key, "restaurant#%d\x00\x01%08d", i/100, i%100)
}

// noise is text that does not compress better than an item's does.
var noise = func() []byte {
	random := rand.New(rand.NewPCG(1, 2)) // the same for all stores
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = "abcdefghijklmnopqrstuvwxyz 0123456789"[random.IntN(37)]
	}
	return text
}()

// pairs returns an item with its entry in an index.
func pairs(i int) []pair {
	const length = 176 // with the number, 200
	at := int(mixed(100*i) % uint64(len(noise)-length))
	value := fmt.Appendf(nil, "%024d%s", i, noise[at:at+length])
	entry := binary.BigEndian.AppendUint64(nil, mixed(100*(i%5000)))
	entry = fmt.Appendf(entry, "author#%d\x00\x01", i%5000)
	key := itemKey(i)
	return []pair{{false, key, value}, {true, append(entry, key...), value}}
}

var errAbsent = errors.New("an item is not there")

func getOne(s store, i int) error {
	value, err := s.get(itemKey(i))
	if err == nil && len(value) == 0 {
		err = errAbsent
	}
	return err
}

func rangeOf20(s store, i int) error {
	count := 0
	return s.scan(itemKey(i), func(_, v []byte) bool {
		count++
		return count < 20 && len(v) > 0
	})
}

// throughput does something for a few seconds, on items at random.
func throughput(s store, n, clients int, do func(store, int) error) (string, error) {
	const duration = 4 * time.Second
	var done atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	start, cpu := time.Now(), usage()
	for range clients {
		wg.Go(func() {
			for time.Since(start) < duration {
				if err := do(s, rand.IntN(n-1)); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return "", *err
	}
	perOperation := float64((usage() - cpu).Microseconds()) / float64(done.Load())
	return fmt.Sprintf("%.1f µs, %.0f/s", perOperation, float64(done.Load())/time.Since(start).Seconds()), nil
}

// usage returns the CPU time of this process.
func usage() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // cannot fail with these arguments
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// reopen prints how long a store takes to open and how much memory it has after a while.
func reopen(open func(string) (store, error), dir string, n int) error {
	start := time.Now()
	s, err := open(dir)
	if err != nil {
		return err
	}
	if err := getOne(s, n/2); err != nil {
		return err
	}
	took := time.Since(start)
	for range 50_000 {
		if err := getOne(s, rand.IntN(n)); err != nil {
			return err
		}
	}
	fmt.Printf("%.1f ms | %s MB (%s MB) |", float64(took.Microseconds())/1000, status("VmRSS:"), status("RssAnon:"))
	return s.close()
}

// status returns a figure of this process in MB (Linux only).
func status(name string) string {
	text, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name) {
			var kilobytes int
			_, _ = fmt.Sscan(strings.TrimPrefix(line, name), &kilobytes)
			return fmt.Sprint(kilobytes >> 10)
		}
	}
	return "?"
}

func folderSize(dir string) (size int64) {
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
	}
	return size
}
