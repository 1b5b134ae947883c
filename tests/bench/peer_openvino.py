"""OpenVINO GenAI as a process that engine_peers.py drives.

usage: peer_openvino.py WEIGHTS THREADS

Says "ready" if it loads the file, then reads lines "n_prompt n_gen n_batch
depth" and answers each with tokens/s, by its own clock: of the prompt until the
first token is there; of writing without that.  It writes what is likeliest,
which is all the sampling that it can leave out.
"""
import sys

import numpy
import openvino
import openvino_genai


def measure(pipeline, n_vocab, first, n_prompt, n_gen, n_batch, depth):
    """first: the first token, another one each time: prompts that begin alike
    are read only once."""
    n = n_prompt + depth or 1
    ids = numpy.array([[(7 * k + first + s) % n_vocab for k in range(n)]
                       for s in range(n_batch)], dtype=numpy.int64)
    inputs = openvino_genai.TokenizedInputs(
        openvino.Tensor(ids), openvino.Tensor(numpy.ones_like(ids)))
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = n_gen + 1
    config.ignore_eos = True
    config.do_sample = False
    result = pipeline.generate(inputs, config).perf_metrics
    first_s = result.get_ttft().mean / 1000
    if n_gen == 0:
        return n / first_s
    all_s = result.get_generate_duration().mean / 1000
    return n_gen * n_batch / (all_s - first_s)


def main():
    path, n_threads = sys.argv[1], int(sys.argv[2])
    pipeline = openvino_genai.LLMPipeline(path, "CPU",
                                          INFERENCE_NUM_THREADS=n_threads)
    n_vocab = len(pipeline.get_tokenizer().get_vocab())
    print("ready", flush=True)
    for i, line in enumerate(sys.stdin):
        print(measure(pipeline, n_vocab, 100 * i, *map(int, line.split())),
              flush=True)


if __name__ == "__main__":
    main()
