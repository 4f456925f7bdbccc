# Few verbs. CONFIG=debug builds faster and runs slower.
CONFIG ?= release
SWIFT ?= swift
BIN = .build/$(CONFIG)

.PHONY: build setup test demo bench fmt check clean

build: setup
	@scripts/build $(CONFIG)

setup:
	@scripts/setup

test: build
	@CONFIG=$(CONFIG) scripts/test

demo: build
	@PATH="$(abspath $(BIN)):$$PATH" scripts/demo

bench: build
	@CONFIG=$(CONFIG) scripts/bench

fmt:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

check:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	$(SWIFT) package clean
