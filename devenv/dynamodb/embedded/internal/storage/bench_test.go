package storage_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// benchDefinition is a table with one index of whole items.
func benchDefinition() *table.Definition {
	return &table.Definition{
		Name: "t", ID: "0b0c8a3e-7f3e-4c5a-9c80-2f2d6f1f2a3b", Region: "eu-central-1",
		Attributes: []table.Attribute{{Name: "pk", Type: "S"}, {Name: "sk", Type: "N"}, {Name: "gpk", Type: "S"}},
		Key:        table.Key{Partition: "pk", Sort: "sk"},
		Global:     []table.Index{{Name: "all", Global: true, Key: table.Key{Partition: "gpk", Sort: "sk"}, Projection: "ALL"}},
	}
}

// benchItem has some 200 bytes; 100 items share a partition, and others one in the index.
func benchItem(n int) attribute.Item {
	return attribute.Item{
		"pk": attribute.String("restaurant#" + strconv.Itoa(n/100)), "sk": number(n),
		"gpk":  attribute.String("author#" + strconv.Itoa(n%1000)),
		"text": attribute.String(strings.Repeat("falafel ", 15)), "rating": number(n % 5),
		"version": number(n),
	}
}

// filled opens a database with n items in dir.
func filled(b *testing.B, dir string, n int) *storage.DB {
	b.Helper()
	db, err := storage.Open(dir, storage.Options{SweepEvery: -1})
	require.NoError(b, err)
	require.NoError(b, db.Update(func(tx *storage.Tx) error { return tx.CreateTable(benchDefinition()) }))
	for start := 0; start < n; start += 10_000 {
		require.NoError(b, db.Update(func(tx *storage.Tx) error {
			d := tx.Table("t")
			for i := start; i < min(n, start+10_000); i++ {
				if _, err := tx.Put(d, benchItem(i), storage.User); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	return db
}

func BenchmarkPut(b *testing.B) {
	for _, durable := range []bool{false, true} {
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprintf("durable=%t/goroutines=%d", durable, goroutines), func(b *testing.B) {
				db, err := storage.Open(b.TempDir(), storage.Options{Durable: durable, SweepEvery: -1})
				require.NoError(b, err)
				require.NoError(b, db.Update(func(tx *storage.Tx) error { return tx.CreateTable(benchDefinition()) }))
				write(b, db, goroutines, 1)
				require.NoError(b, db.Close())
			})
		}
	}
}

func BenchmarkTransactionOfTwo(b *testing.B) {
	for _, goroutines := range []int{1, 16} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			db := filled(b, b.TempDir(), 10_000)
			write(b, db, goroutines, 2)
			require.NoError(b, db.Close())
		})
	}
}

func write(b *testing.B, db *storage.DB, goroutines, items int) {
	b.Helper()
	b.ReportAllocs()
	var next atomic.Int64
	each := func() error {
		return db.Update(func(tx *storage.Tx) error {
			d := tx.Table("t")
			for range items {
				n := int(next.Add(1))
				if _, err := tx.Put(d, benchItem(n*7919%1_000_000), storage.User); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if goroutines == 1 {
		for b.Loop() {
			require.NoError(b, each())
		}
		return
	}
	b.SetParallelism(max(1, goroutines/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := each(); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkReads(b *testing.B) {
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		if size == 1_000_000 && testing.Short() {
			continue
		}
		dir := b.TempDir()
		db := filled(b, dir, size)
		b.Run(fmt.Sprintf("get/items=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = (n + 7919) % size
				require.NoError(b, db.View(func(tx *storage.Tx) error {
					record, _, err := tx.Get(tx.Table("t"), benchItem(n))
					if record.Size == 0 {
						b.Fatal("not there")
					}
					return err
				}))
			}
		})
		b.Run(fmt.Sprintf("range-of-20/items=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = (n + 7919) % size
				r := storage.Range{Partition: benchItem(n)["pk"], Reverse: true}
				require.NoError(b, db.View(func(tx *storage.Tx) error {
					count := 0
					for _, err := range tx.Range(tx.Table("t"), nil, r) {
						if err != nil {
							return err
						}
						if count++; count == 20 {
							break
						}
					}
					return nil
				}))
			}
		})
		require.NoError(b, db.Close())
		b.Run(fmt.Sprintf("open/items=%d", size), func(b *testing.B) {
			for b.Loop() {
				db, err := storage.Open(dir, storage.Options{SweepEvery: -1})
				require.NoError(b, err)
				b.StopTimer()
				require.NoError(b, db.Close())
				b.StartTimer()
			}
		})
		b.Run(fmt.Sprintf("open-after-kill/items=%d", size), func(b *testing.B) {
			db, err := storage.Open(dir, storage.Options{SweepEvery: -1})
			require.NoError(b, err)
			require.NoError(b, db.Update(func(tx *storage.Tx) error {
				_, err := tx.Put(tx.Table("t"), benchItem(size), storage.User)
				return err
			}))
			data, err := os.ReadFile(dir + "/data.bolt") // as it lies there when the process dies
			require.NoError(b, err)
			require.NoError(b, db.Close())
			for b.Loop() {
				b.StopTimer()
				require.NoError(b, os.WriteFile(dir+"/data.bolt", data, 0o600))
				b.StartTimer()
				db, err := storage.Open(dir, storage.Options{SweepEvery: -1})
				require.NoError(b, err)
				b.StopTimer()
				require.NoError(b, db.Close())
				b.StartTimer()
			}
		})
	}
}
