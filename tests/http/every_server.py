"""Answers on loopback in each protocol that arena speaks over HTTP: the path of
a request tells which one is wanted.

    every_server.py PORT_FILE

What a model says are WORDS, after a thought and in three pieces of which the
second begins inside a character; then "Heard: " and the prompt.
"""
import http.server
import json
import os
import sys

PORT_FILE = sys.argv[1]
THOUGHT = "What was asked?"


def event(kind, **fields):
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n"


def data(tree):
    return "data: " + json.dumps(tree, ensure_ascii=False) + "\n\n"


def openai(words):
    def chunk(delta, finish=None):
        return data({"choices": [{"index": 0, "delta": delta,
                                  "finish_reason": finish}]})
    yield chunk({"reasoning_content": THOUGHT})
    yield chunk({"content": words})
    yield chunk({}, "stop")
    yield data({"choices": [], "usage": {
        "prompt_tokens": 9, "completion_tokens": 4,
        "completion_tokens_details": {"reasoning_tokens": 1}}})
    yield "data: [DONE]\n\n"


def responses(words):
    yield event("response.created", response={"id": "r", "error": None,
                                              "status": "in_progress"})
    yield event("response.reasoning_summary_text.delta", delta=THOUGHT)
    yield event("response.output_text.delta", output_index=0, delta=words)
    yield event("response.completed", response={
        "id": "r", "status": "completed", "error": None,
        "usage": {"input_tokens": 9, "output_tokens": 4,
                  "output_tokens_details": {"reasoning_tokens": 1}}})


def anthropic(words):
    yield event("message_start", message={"id": "m", "content": [],
                                          "usage": {"input_tokens": 9}})
    for i, (kind, text) in enumerate((("thinking", THOUGHT), ("text", words))):
        yield event("content_block_start", index=i,
                    content_block={"type": kind, kind: ""})
        yield event("content_block_delta", index=i,
                    delta={"type": kind + "_delta", kind: text})
        yield event("content_block_stop", index=i)
    yield event("message_delta", delta={"stop_reason": "end_turn"},
                usage={"output_tokens": 4})
    yield event("message_stop")


def gemini(words):
    def part(**fields):
        return data({"candidates": [{"index": 0, "content": {
            "role": "model", "parts": [fields]}}]})
    yield part(text=THOUGHT, thought=True)
    yield part(text=words)
    yield data({"candidates": [{"index": 0, "content": {"role": "model"},
                                "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 9,
                                  "candidatesTokenCount": 3,
                                  "thoughtsTokenCount": 1}})


def ollama(words):
    def line(done, message, **more):
        return json.dumps({"message": {"role": "assistant", "content": "",
                                       **message}, "done": done, **more},
                          ensure_ascii=False) + "\n"
    yield line(False, {"thinking": THOUGHT})
    yield line(False, {"content": words})
    yield line(True, {}, done_reason="stop", prompt_eval_count=9, eval_count=4)


# By the end of a path: how it answers, and who is asked what.
PROTOCOLS = {
    "/chat/completions": (openai, lambda rq: (rq["model"], rq["messages"])),
    "/responses": (responses, lambda rq: (rq["model"], rq["input"])),
    "/v1/messages": (anthropic, lambda rq: (rq["model"], rq["messages"])),
    "/api/chat": (ollama, lambda rq: (rq["model"], rq["messages"])),
    ":streamGenerateContent": (gemini, lambda rq: ("gemini", rq["contents"])),
}


def said(message):
    """The text of a message, in whatever form of these protocols."""
    for key in ("content", "parts", "text"):
        if key in message:
            inside = message[key]
            return inside if isinstance(inside, str) else said(inside[-1])
    raise KeyError("text")


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.split("?")[0]
        answer, read = next(v for end, v in PROTOCOLS.items()
                            if path.endswith(end))
        model, messages = read(asked)
        if answer is gemini:
            model = path.split("/models/")[1].split(":")[0]
        words = f"A héron spoke for {model}. Heard: {said(messages[-1])}"
        body = "".join(answer(words)).encode()
        cut = body.index("é".encode()) + 1
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in (body[:cut], body[cut:-1], body[-1:]):
            self.wfile.write(piece)
            self.wfile.flush()


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(PORT_FILE + ".new", "w", encoding="ascii") as out:
    out.write(str(server.server_port))
os.rename(PORT_FILE + ".new", PORT_FILE)
server.serve_forever()
