# Few verbs. Executables are built for release; tests run on a debug build, which reaches into the modules.
SWIFT ?= swift
BIN = .build/release

.PHONY: build setup test demo bench fmt check clean

build: setup
	@scripts/build release

setup:
	@scripts/setup

test: setup
	@scripts/test

demo: build
	@PATH="$(abspath $(BIN)):$$PATH" scripts/demo

bench: build
	@scripts/bench

fmt:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

check:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Benchmarks

clean:
	$(SWIFT) package clean
