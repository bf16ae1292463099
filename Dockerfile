# For a machine with Docker and without Go: `docker compose up` builds both targets.
# With Go, `go run ./devenv image` makes the image of the API, for every platform and
# without Docker. Both hold the same /api, byte for byte: devenv/image tests it.

# The version is that of the line `toolchain` in go.mod.
FROM golang:1.26.8-alpine AS build
ARG GOPROXY
WORKDIR /src
# Downloaded anew only when these change.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags="-s -w -buildid=" -o /out/ ./api ./devenv

FROM scratch AS devenv
COPY --from=build /out/devenv /
USER 65532:65532
ENTRYPOINT ["/devenv"]

# Last, and so the default.
FROM scratch AS api
COPY --from=build /out/api /
USER 65532:65532
EXPOSE 3000 5050
ENTRYPOINT ["/api"]
