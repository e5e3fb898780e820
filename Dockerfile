# syntax=docker/dockerfile:1

FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /out/valebot ./cmd/valebot

# Alpine rather than an empty image: its wget asks for the health of the server,
# and people at three in the morning want a shell.
FROM alpine:3.22
RUN addgroup -S -g 10001 valebot && adduser -S -u 10001 -G valebot -h /var/lib/valebot valebot \
    && chmod 0700 /var/lib/valebot
COPY --from=build /out/valebot /usr/local/bin/valebot
USER valebot
# Keys live here: the volume belongs into the backup, apart from the database.
VOLUME /var/lib/valebot
ENV VALEBOT_ADDR=:8080 VALEBOT_DATA_DIR=/var/lib/valebot
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["valebot"]
CMD ["serve"]
