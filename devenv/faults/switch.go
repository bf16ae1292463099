package faults

import (
	"errors"
	"slices"
)

// Switch turns a fault on, in the place of one of the same kind and access pattern. Its
// error is one sentence for a person.
func (p *Proxy) Switch(fault Fault) error {
	if err := fault.check(); err != nil {
		return err
	}
	p.change(func(faults []Fault) []Fault {
		if i := slices.IndexFunc(faults, fault.same); i >= 0 {
			faults[i] = fault
			return faults
		}
		return append(faults, fault)
	})
	return nil
}

// errOff is for a fault that was not on.
var errOff = errors.New("that fault is not switched on")

// Off turns a fault of a kind and access pattern off. Its error is one sentence for a
// person, who means another.
func (p *Proxy) Off(kind Kind, accessPattern string) error {
	found := false
	p.change(func(faults []Fault) []Fault {
		left := slices.DeleteFunc(faults, Fault{Kind: kind, AccessPattern: accessPattern}.same)
		found = len(left) < len(faults)
		return left
	})
	if !found {
		return errOff
	}
	return nil
}

// Clear turns all of them off.
func (p *Proxy) Clear() {
	p.change(func([]Fault) []Fault { return nil })
}

// Faults are those that are on, in the order in which they were switched.
func (p *Proxy) Faults() []Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// Notify has changed called after each change of what is on, whoever made it.
func (p *Proxy) Notify(changed func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed = append(p.changed, changed)
}

func (p *Proxy) change(to func([]Fault) []Fault) {
	p.mu.Lock()
	before := slices.Clone(p.faults)
	p.faults = to(slices.Clone(p.faults))
	if !slices.ContainsFunc(p.faults, func(f Fault) bool { return f.Kind == Stale }) {
		p.remembered.Purge() // what nobody is told any more needs no memory
	}
	differs, changed := !slices.Equal(before, p.faults), slices.Clone(p.changed)
	p.mu.Unlock()
	if differs {
		for _, tell := range changed { // which may look at the proxy
			tell()
		}
	}
}
