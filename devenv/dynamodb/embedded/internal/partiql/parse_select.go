package partiql

// query reads SELECT or PIVOT.
func (p *parser) query() (*node, error) {
	at := p.head().at
	q := &query{}
	var err error
	if p.accept("pivot") {
		q.value = true
		if err := p.pivot(); err != nil {
			return nil, err
		}
	} else {
		p.take()
		if p.accept("distinct") {
			q.distinct = true
		} else {
			p.accept("all")
		}
		if p.accept("value") {
			q.value = true
			if _, err := p.expression(0); err != nil {
				return nil, err
			}
		} else if q.projection, err = p.projection(); err != nil {
			return nil, err
		}
	}
	if !p.accept("from") {
		return nil, malformed("Expected FROM after SELECT list")
	}
	if q.from, err = p.source(); err != nil {
		return nil, err
	}
	if err := p.clauses(q); err != nil {
		return nil, err
	}
	return &node{kind: nodeSelect, at: at, query: q}, nil
}

func (p *parser) pivot() error {
	if _, err := p.expression(0); err != nil {
		return err
	}
	if !p.accept("at") {
		return malformed("Expected AT")
	}
	_, err := p.expression(0)
	return err
}

// projection reads what is selected.
func (p *parser) projection() ([]projected, error) {
	if p.head().is("from") {
		return nil, malformed("Cannot have empty SELECT list")
	}
	var list []projected
	for {
		if p.accept("*") {
			list = append(list, projected{star: true})
		} else {
			n, err := p.expression(0)
			if err != nil {
				return nil, err
			}
			if hasInnerStar(n) {
				return nil, malformed("Invalid use of * in select list")
			}
			aliased, err := p.alias("as")
			if err != nil {
				return nil, err
			}
			list = append(list, projected{expr: n, aliased: aliased})
		}
		if len(list) > 1 && (list[0].star || list[len(list)-1].star) {
			return nil, malformed("Other expressions may not be present in the select list when '*' is used without dot notation.")
		}
		if !p.accept(",") {
			return list, nil
		}
	}
}

// hasInnerStar reports whether a path has a star elsewhere than in .* at its end.
func hasInnerStar(n *node) bool {
	if n.kind != nodePath {
		return false
	}
	for i, step := range n.children {
		if step.kind == nodeWildcard || step.kind == nodeUnpivot && i < len(n.children)-1 {
			return true
		}
	}
	return false
}

// alias reads another name for what stands before it, with or without its keyword.
func (p *parser) alias(keyword string) (bool, error) {
	marked := p.accept(keyword)
	if k := p.head().kind; k == kindIdentifier || k == kindQuoted {
		if marked || keyword == "as" {
			p.take()
			return true, nil
		}
	}
	if marked {
		return false, malformed("Expected identifier for " + tokenAliases[keyword] + "-alias")
	}
	return false, nil
}

var tokenAliases = map[string]string{"as": "AS", "at": "AT", "by": "BY"}

// source reads what stands after FROM, or after UPDATE.
func (p *parser) source() (source, error) {
	p.accept("unpivot")
	n, err := p.expression(0)
	if err != nil {
		return source{}, err
	}
	s := source{expr: n}
	for _, keyword := range []string{"as", "at", "by"} {
		aliased, err := p.alias(keyword)
		if err != nil {
			return source{}, err
		}
		s.aliased = s.aliased || aliased
	}
	for p.joins() {
		s.several = true
		if _, err := p.source(); err != nil {
			return source{}, err
		}
		if p.accept("on") {
			if _, err := p.expression(0); err != nil {
				return source{}, err
			}
		}
	}
	return s, nil
}

// joins passes over what joins sources, if it stands there.
func (p *parser) joins() bool {
	if p.accept(",") {
		return true
	}
	from := p.position
	for p.accept("inner") || p.accept("left") || p.accept("right") || p.accept("full") || p.accept("outer") || p.accept("cross") {
		continue
	}
	if p.accept("join") {
		return true
	}
	p.position = from
	return false
}

// clauses reads what follows the source.
func (p *parser) clauses(q *query) (err error) {
	if p.accept("let") {
		q.let = true
		for {
			if _, err := p.expression(0); err != nil {
				return err
			}
			if _, err := p.alias("as"); err != nil {
				return err
			}
			if !p.accept(",") {
				break
			}
		}
	}
	if p.accept("where") {
		if q.where, err = p.expression(0); err != nil {
			return err
		}
	}
	if p.accept("order") {
		if q.orderBy, err = p.orderBy(); err != nil {
			return err
		}
	}
	if p.accept("group") {
		q.groupBy = true
		p.accept("partial")
		if err := p.groupBy(); err != nil {
			return err
		}
	}
	if p.accept("having") {
		if q.having, err = p.expression(0); err != nil {
			return err
		}
	}
	if p.accept("limit") {
		q.limit, err = p.expression(0)
	}
	return err
}

func (p *parser) orderBy() ([]ordered, error) {
	if err := p.expect("by"); err != nil {
		return nil, err
	}
	var list []ordered
	for {
		n, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		o := ordered{expr: n}
		if p.accept("desc") {
			o.descending = true
		} else {
			p.accept("asc")
		}
		list = append(list, o)
		if !p.accept(",") {
			return list, nil
		}
	}
}

func (p *parser) groupBy() error {
	if err := p.expect("by"); err != nil {
		return err
	}
	for {
		n, err := p.expression(0)
		if err != nil {
			return err
		}
		if n.kind == nodeString || n.kind == nodeNumber || n.kind == nodeBoolean || n.kind == nodeNull {
			return malformed("Literals (including ordinals) not supported in GROUP BY")
		}
		if _, err := p.alias("as"); err != nil {
			return err
		}
		if !p.accept(",") {
			return nil
		}
	}
}

// rows reads VALUES (…), ….
func (p *parser) rows() (*node, error) {
	n := &node{kind: nodeBag, at: p.take().at}
	for {
		if !p.head().is("(") {
			return nil, malformed("Expected LEFT_PAREN for row value constructor")
		}
		row, err := p.list(nodeList, ")")
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, row)
		if !p.accept(",") {
			return n, nil
		}
	}
}
