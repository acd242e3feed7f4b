# restow in a container, for the folder that is mounted at /work:
#   docker build -t restow . && docker run --rm -v "$PWD:/work" restow fix
FROM golang:1.26-trixie AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/restow ./cmd/restow

FROM debian:trixie-slim
# git tells how often files change, in a folder that may be somebody else's.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates git && \
    rm -rf /var/lib/apt/lists/* && \
    git config --system --add safe.directory /work
COPY --from=build /out/restow /usr/local/bin/restow
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["restow"]
CMD ["--help"]
