"""Trains on preference files, a step each, as TRL's trainers take them: a model
of random numbers and a tokenizer of single bytes, both made here.

    train.py FOLDER FORM=FILE ...      FORM: dpo, kto or sft

The last line printed is a JSON object: FORM=FILE -> {"rows": that the trainer kept, "columns":
of its tokens, "steps": done} or {"error": its last line}."""
import json
import os
import sys

os.environ.update(HF_HUB_OFFLINE='1', HF_DATASETS_OFFLINE='1',
                  TRANSFORMERS_OFFLINE='1', HF_HOME=sys.argv[1],
                  CUDA_VISIBLE_DEVICES='', TQDM_DISABLE='1')

import datasets
import tokenizers
import transformers
import trl

datasets.disable_progress_bars()
transformers.logging.set_verbosity_error()

TURNS = ('{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}'
         '{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}')


def make_tokenizer():
    letters = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    words = ['<eos>', '<pad>'] + sorted(letters)
    of_bytes = tokenizers.Tokenizer(tokenizers.models.BPE(
        vocab={w: i for i, w in enumerate(words)}, merges=[]))
    of_bytes.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(
        add_prefix_space=False)
    of_bytes.decoder = tokenizers.decoders.ByteLevel()
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=of_bytes, eos_token='<eos>', pad_token='<pad>')
    made.chat_template = TURNS
    return made


def make_model(tokenizer):
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16,
        num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
        max_position_embeddings=4096, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=None))


def train(form, path):
    rows = datasets.load_dataset(
        'json', data_files=path, split='train',
        cache_dir=os.path.join(sys.argv[1], 'cache'))
    kind, settings = {'dpo': (trl.DPOTrainer, trl.DPOConfig),
                      'kto': (trl.KTOTrainer, trl.KTOConfig),
                      'sft': (trl.SFTTrainer, trl.SFTConfig)}[form]
    tokenizer = make_tokenizer()
    others = {} if form == 'sft' else {'ref_model': make_model(tokenizer)}
    trainer = kind(
        model=make_model(tokenizer), processing_class=tokenizer,
        train_dataset=rows, **others, args=settings(
            output_dir=os.path.join(sys.argv[1], 'out'), max_steps=1,
            per_device_train_batch_size=2, use_cpu=True, bf16=False,
            report_to=[], save_strategy='no',
            disable_tqdm=True))
    done = trainer.train()
    return {'rows': len(trainer.train_dataset), 'steps': done.global_step,
            'columns': trainer.train_dataset.column_names}


def main():
    said = {}
    for word in sys.argv[2:]:
        try:
            said[word] = train(*word.split('=', 1))
        except Exception as error:  # the trainer's word is the result
            said[word] = {'error': '%s: %s' % (type(error).__name__, error)}
    print(json.dumps(said))


main()
