# The hot operations of derta.model, as TorchScript (Ops.java packs and loads this text).
#
# w: the weights of one layer by their Hugging Face names, and "self_attn.no_rope" if it knows no positions; or "embed", "norm", "head" of the whole model.
# c: what all layers share: "eps", "compute" (an empty tensor of the matmul dtype; beside it "emulated" where the
#    processor has no fast matmul of that dtype and rounded numbers are multiplied in 32 bits, and "rounded" where
#    the weights have been rounded already), "experts" (how many a token visits), "cos" and "sin" [batch or 1, 1,
#    time, head width], "mask" unless plainly causal; with adapters "lora", their scale, and in training with
#    dropout "keep", the share of inputs that it leaves.
class Ops(Module):
  __parameters__ = []
  __buffers__ = []

  def norm(self, x: Tensor, weight: Tensor, eps: Tensor) -> Tensor:
    return x * torch.rsqrt(torch.mean(x * x, [-1], True) + eps) * weight

  # x times the transposed weight, in the matmul dtype.
  def matmul(self, x: Tensor, weight: Tensor, bias: Optional[Tensor], c: Dict[str, Tensor]) -> Tensor:
    compute = c["compute"]
    x = x.type_as(compute)
    if "rounded" not in c:
      weight = weight.type_as(compute)
      if bias is not None:
        bias = bias.type_as(compute)
    if "emulated" not in c:
      return torch.linear(x, weight, bias)
    if bias is not None:
      bias = bias.float()
    return torch.linear(x.float(), weight.float(), bias).type_as(compute)

  def scaled_attention(self, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor], causal: bool, c: Dict[str, Tensor]) -> Tensor:
    if "emulated" not in c:
      return torch.scaled_dot_product_attention(q, k, v, mask, 0., causal)
    if mask is not None:
      mask = mask.float()
    y = torch.scaled_dot_product_attention(q.float(), k.float(), v.float(), mask, 0., causal)
    return y.type_as(c["compute"])

  def linear(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor], name: str) -> Tensor:
    bias: Optional[Tensor] = None
    if name + ".bias" in w:
      bias = w[name + ".bias"]
    x = x.type_as(c["compute"])
    y = self.matmul(x, w[name + ".weight"], bias, c)
    if name + ".lora_A.weight" in w:
      if "keep" in c:
        # Zeros and ones in single bytes; what dropout divides by is part of the scale.
        x = x * torch.empty_like(x, dtype=11).bernoulli_(float(c["keep"]))
      inner = self.matmul(x, w[name + ".lora_A.weight"], None, c)
      y = y + self.matmul(inner, w[name + ".lora_B.weight"], None, c) * c["lora"]
    return y

  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    half = x.size(-1) // 2
    turned = torch.cat([-x.narrow(-1, half, half), x.narrow(-1, 0, half)], -1)
    return x * cos + turned * sin

  def split_heads(self, x: Tensor, width: int) -> Tensor:
    return x.view([x.size(0), x.size(1), -1, width]).transpose(1, 2)  # [batch, heads, time, width]

  def query_key_value(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> List[Tensor]:
    if "qkv.weight" in w:
      queries = w["self_attn.o_proj.weight"].size(1)
      keys = (w["qkv.weight"].size(0) - queries) // 2
      return self.linear(x, c, w, "qkv").split([queries, keys, keys], -1)
    return [self.linear(x, c, w, "self_attn.q_proj"),
            self.linear(x, c, w, "self_attn.k_proj"),
            self.linear(x, c, w, "self_attn.v_proj")]

  # past: nothing, or this layer's keys and values [batch, key heads, slots, width], written from slot at on.
  def attend(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor], past: List[Tensor], at: int) -> Tensor:
    batch, time, width = x.size(0), x.size(1), c["cos"].size(-1)
    parts = self.query_key_value(x, c, w)
    q = self.split_heads(parts[0], width)
    k = self.split_heads(parts[1], width)
    v = self.split_heads(parts[2], width)
    if "self_attn.q_norm.weight" in w:
      q = self.norm(q.float(), w["self_attn.q_norm.weight"], c["eps"])
      k = self.norm(k.float(), w["self_attn.k_norm.weight"], c["eps"])
    if "self_attn.no_rope" not in w:
      q = self.rotate(q, c["cos"], c["sin"])
      k = self.rotate(k, c["cos"], c["sin"])
    q = q.type_as(c["compute"])
    k = k.type_as(c["compute"])
    if len(past) > 0:
      past[0].narrow(2, at, time).copy_(k)
      past[1].narrow(2, at, time).copy_(v)
      k = past[0].narrow(2, 0, at + time)
      v = past[1].narrow(2, 0, at + time)
    mask: Optional[Tensor] = None
    if "mask" in c:
      mask = c["mask"]
    heads, keys, group = q.size(1), k.size(1), q.size(1) // k.size(1)
    if time == 1:
      # The queries that share a key head attend as if they were successive positions.
      y = self.scaled_attention(q.reshape([batch, keys, group, width]), k, v, mask, False, c)
      y = y.reshape([batch, 1, heads * width])
    else:
      if group > 1:
        k = k.unsqueeze(2).expand([-1, -1, group, -1, -1]).flatten(1, 2)
        v = v.unsqueeze(2).expand([-1, -1, group, -1, -1]).flatten(1, 2)
      y = self.scaled_attention(q, k, v, mask, mask is None, c)
      y = y.transpose(1, 2).reshape([batch, time, heads * width])
    return self.linear(y, c, w, "self_attn.o_proj")

  def feed_forward(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    if "gate_up.weight" in w:
      gate, up = self.linear(x, c, w, "gate_up").chunk(2, -1)
    else:
      gate = self.linear(x, c, w, "mlp.gate_proj")
      up = self.linear(x, c, w, "mlp.up_proj")
    return self.linear(torch.silu(gate) * up, c, w, "mlp.down_proj")

  # Each token goes through its two best experts, weighed by their renormalised probabilities.
  def experts(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    tokens = x.flatten(0, 1)  # [tokens, width]
    scores = torch.softmax(self.linear(tokens, c, w, "block_sparse_moe.gate").float(), -1)
    weight, chosen = torch.topk(scores, int(c["experts"]), -1)  # [tokens, 2]
    weight = weight / weight.sum([-1], True)
    y = torch.zeros_like(tokens)
    for e in range(scores.size(-1)):
      name = "block_sparse_moe.experts." + str(e)
      token, rank = torch.where(chosen == e)
      input = tokens.index_select(0, token)
      inner = torch.silu(self.linear(input, c, w, name + ".w1")) * self.linear(input, c, w, name + ".w3")
      output = self.linear(inner, c, w, name + ".w2") * weight[token, rank].unsqueeze(-1)
      y = y.index_add(0, token, output.type_as(y))
    return y.view_as(x)

  def embed(self, ids: Tensor, weight: Tensor) -> Tensor:
    return torch.embedding(weight, ids).float()  # [batch, time, width]

  def attention(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    return self.attend(x, c, w, annotate(List[Tensor], []), 0)

  # places: [batch or 1, slots], the position of the token in each slot, -1 for padding; None: plain causal.
  # A padding token sees itself, so that its row is finite.
  def mask(self, places: Tensor, at: int, time: int, window: int, compute: Tensor) -> Tensor:
    slots = torch.arange(at + time, device=places.device)
    now = slots.narrow(0, at, time).unsqueeze(1)  # [time, 1]
    keys = places.narrow(1, 0, at + time).unsqueeze(1)  # [batch, 1, keys]
    queries = places.narrow(1, at, time).unsqueeze(2)  # [batch, time, 1]
    seen = (slots <= now) & (keys >= 0) & (queries - keys < window) | (slots == now)
    hidden = torch.full_like(seen, -float("inf"), dtype=6).masked_fill(seen, 0.)
    return hidden.type_as(compute).unsqueeze(1)  # [batch, 1, time, keys]

  def window_mask(self, places: Tensor, c: Dict[str, Tensor], window: Tensor) -> Tensor:
    return self.mask(places, 0, places.size(1), int(window), c["compute"])

  def project(self, h: Tensor, head: Tensor, c: Dict[str, Tensor]) -> Tensor:
    return self.matmul(h, head, None, c).float()  # [.., vocabulary]

  # at: indices into the flattened [batch x time] positions; labels: the token to predict after each.
  def log_probs(self, x: Tensor, at: Tensor, labels: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    h = self.norm(x.flatten(0, 1).index_select(0, at), norm, c["eps"])
    parts = annotate(List[Tensor], [])
    for start in range(0, labels.size(0), 512):
      z = self.project(h[start:start + 512], head, c)
      parts.append(z.gather(1, labels[start:start + 512].unsqueeze(1)).squeeze(1) - z.logsumexp([-1]))
    return torch.cat(parts)

  # The same, and the gradients of -sum(scale * log_probs): the gradient of cross entropy is written over
  # the logits, so that nothing else of their size is ever held.
  def learn(self, x: Tensor, at: Tensor, labels: Tensor, scale: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    h = self.norm(x.flatten(0, 1).index_select(0, at), norm, c["eps"])
    compute = c["compute"]
    h_ = h.detach().type_as(compute)
    head_ = head.detach().type_as(compute)
    logits = self.matmul(h_, head_, None, c)  # [labels, vocabulary]
    parts = annotate(List[Tensor], [])
    for start in range(0, labels.size(0), 128):
      rows = logits[start:start + 128]
      label = labels[start:start + 128].unsqueeze(1)
      p = torch.log_softmax(rows.float(), -1)
      parts.append(p.gather(1, label).squeeze(1))
      p.exp_().scatter_add_(1, label, torch.full_like(label, -1).type_as(p))
      rows.copy_(p.mul_(scale[start:start + 128].unsqueeze(1)))
    gradient = self.matmul(logits, head_.t(), None, c).type_as(h)
    # The projection's gradient is added to its weight and gone before the embedding's, of the same size, is made.
    if head.requires_grad:
      torch.backward([head], annotate(List[Optional[Tensor]], [self.matmul(logits.t(), h_.t(), None, c).type_as(head)]))
    torch.backward([h], annotate(List[Optional[Tensor]], [gradient]))
    return torch.cat(parts)

  # The probability that one of the tokens comes next, after every position.
  def chance(self, x: Tensor, tokens: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    flat = self.norm(x.flatten(0, 1), norm, c["eps"])
    parts = annotate(List[Tensor], [])
    for start in range(0, flat.size(0), 512):
      z = self.project(flat[start:start + 512], head, c)
      parts.append(torch.exp(z.index_select(1, tokens).logsumexp([-1]) - z.logsumexp([-1])))
    return torch.cat(parts).view([x.size(0), x.size(1)])

  def logits(self, x: Tensor, c: Dict[str, Tensor], norm: Tensor, head: Tensor) -> Tensor:
    return self.project(self.norm(x, norm, c["eps"]), head, c)

  # Copies values into a weight from a place on, converted to its type; whether all of them are finite.
  def fill(self, weight: Tensor, first: int, values: Tensor) -> bool:
    weight.view([-1]).narrow(0, first, values.numel()).copy_(values)
    return bool(torch.isfinite(values).all())

  def finite(self, x: Tensor) -> bool:
    return bool(torch.isfinite(x).all())

  # Adds a low-rank adapter to its weight.
  def add_product(self, weight: Tensor, b: Tensor, a: Tensor, scale: float) -> Tensor:
    return weight.copy_(torch.add(weight.float(), torch.matmul(b, a), alpha=scale))

  # A weight of this shape in the matmul dtype.
  def room(self, shape: Tensor, compute: Tensor) -> Tensor:
    return torch.empty(shape.size(), dtype=compute.dtype, device=compute.device)

  def to_f32(self, x: Tensor) -> Tensor:
    return x.detach().float()

  def to_bf16(self, x: Tensor) -> Tensor:
    return x.to(15)

  # ---- Generation

  def merge(self, w: Dict[str, Tensor], names: List[str], into: str) -> int:
    for kind in [".weight", ".bias"]:
      if names[0] + kind in w:
        parts = annotate(List[Tensor], [])
        for name in names:
          parts.append(w.pop(name + kind))
        w[into + kind] = torch.cat(parts)
    return 0

  # A layer's weights for generation: in the matmul dtype, and where that means a copy anyway,
  # the projections of the same input as one matrix.
  def prepare(self, w: Dict[str, Tensor], c: Dict[str, Tensor]) -> Dict[str, Tensor]:
    prepared = annotate(Dict[str, Tensor], {})
    for name in w.keys():
      weight = w[name].detach()
      if name.find("norm") < 0:
        weight = self.convert(weight, c)
      prepared[name] = weight
    if c["compute"].dtype != w["self_attn.q_proj.weight"].dtype:
      self.merge(prepared, ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], "qkv")
      self.merge(prepared, ["mlp.gate_proj", "mlp.up_proj"], "gate_up")
    return prepared

  def convert(self, x: Tensor, c: Dict[str, Tensor]) -> Tensor:
    x = x.detach().type_as(c["compute"])
    return x.float() if "rounded" in c else x

  # Keys and values of each layer in turn, [batch, key heads, slots, width]; empty, or begun with those of one row.
  # They grow with what is generated.
  def allocate(self, layers: int, batch: int, heads: int, slots: int, width: int, compute: Tensor,
               begin: List[Tensor]) -> List[Tensor]:
    cache = annotate(List[Tensor], [])
    for i in range(2 * layers):
      cache.append(torch.empty([batch, heads, slots, width], dtype=compute.dtype, device=compute.device))
      if len(begin) > 0:
        cache[i].narrow(2, 0, begin[i].size(2)).copy_(begin[i])
    return cache

  # Makes sure that a cache has some slots; a few more are made, so that this is rare.
  def grow(self, cache: List[Tensor], slots: int, most: int) -> int:
    for i in range(len(cache)):
      old = cache[i]
      if old.size(2) < slots:
        grown = torch.empty([old.size(0), old.size(1), min(most, slots + 64), old.size(3)], dtype=old.dtype,
                            device=old.device)
        grown.narrow(2, 0, old.size(2)).copy_(old)
        cache[i] = grown
    return 0

  def select(self, cache: List[Tensor], rows: Tensor) -> int:
    for i in range(len(cache)):
      cache[i] = cache[i].index_select(0, rows)
    return 0

  # What all layers share for the tokens in time slots from slot at on.
  def common(self, at: int, time: int, places: Tensor, padded: bool, window: int,
             top: Dict[str, Tensor]) -> Dict[str, Tensor]:
    now = places.narrow(1, at, time).clamp(0)  # [batch, time]
    c = annotate(Dict[str, Tensor], {})
    for name in ["eps", "compute", "emulated", "rounded", "experts"]:
      if name in top:
        c[name] = top[name]
    c["cos"] = torch.embedding(top["cos"], now).unsqueeze(1)
    c["sin"] = torch.embedding(top["sin"], now).unsqueeze(1)
    if padded or at + time > window or (at > 0 and time > 1):
      c["mask"] = self.mask(places, at, time, window, top["compute"])
    return c

  def layer(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor], past: List[Tensor], at: int) -> Tensor:
    x = x + self.attend(self.norm(x, w["input_layernorm.weight"], c["eps"]), c, w, past, at)
    y = self.norm(x, w["post_attention_layernorm.weight"], c["eps"])
    if "block_sparse_moe.gate.weight" in w:
      return x + self.experts(y, c, w)
    return x + self.feed_forward(y, c, w)

  def whole_layer(self, x: Tensor, c: Dict[str, Tensor], w: Dict[str, Tensor]) -> Tensor:
    return self.layer(x, c, w, annotate(List[Tensor], []), 0)

  # Tokens go through all layers; their keys and values are written from slot at on.
  def advance(self, ids: Tensor, at: int, places: Tensor, padded: bool, window: int, layers: List[Dict[str, Tensor]],
              top: Dict[str, Tensor], cache: List[Tensor]) -> Tensor:
    c = self.common(at, ids.size(1), places, padded, window, top)
    x = self.embed(ids, top["embed"])
    for i in range(len(layers)):
      x = self.layer(x, c, layers[i], [cache[2 * i], cache[2 * i + 1]], at)
    return x  # [batch, time, width]

  # The log-probabilities of the last tokens of rows that all end with the same labels, [batch x labels]. ids: without
  # the last label. begin: keys and values of the at tokens that all rows begin with, of each layer in turn. All
  # layers share the room of one.
  def endings(self, ids: Tensor, at: int, places: Tensor, padded: bool, window: int, layers: List[Dict[str, Tensor]],
              top: Dict[str, Tensor], heads: int, width: int, begin: List[Tensor], labels: Tensor) -> Tensor:
    batch, time, n = ids.size(0), ids.size(1), labels.size(0)
    c = self.common(at, time, places, padded, window, top)
    past = self.allocate(1, batch, heads, at + time, width, top["compute"], annotate(List[Tensor], []))
    x = self.embed(ids, top["embed"])
    for i in range(len(layers)):
      if at > 0:
        past[0].narrow(2, 0, at).copy_(begin[2 * i])
        past[1].narrow(2, 0, at).copy_(begin[2 * i + 1])
      x = self.layer(x, c, layers[i], past, at)
    ends = x.narrow(1, time - n, n)
    every = torch.arange(batch * n, device=ids.device)
    return self.log_probs(ends, every, labels.repeat([batch]), top, top["norm"], top["head"])

  # The most probable token, or at a temperature the one at which the cumulative probability passes a uniform number;
  # of the fewest tokens that together reach top_p, if that is below 1.
  def choose(self, z: Tensor, temperature: float, top_p: float, uniform: Tensor) -> Tensor:
    if temperature == 0.:
      return z.argmax(-1)
    p = torch.softmax(z / temperature, -1)  # [batch, vocabulary]
    order: Optional[Tensor] = None
    if top_p < 1.:
      p, order = p.topk(min(512, p.size(1)))
      if bool((p.sum(-1) < top_p).any()):
        p, order = torch.softmax(z / temperature, -1).sort(-1, True)
      p = p.masked_fill(p.cumsum(-1) - p >= top_p, 0.)
    total = p.cumsum(-1)
    token = (total <= uniform.unsqueeze(1) * total[:, -1:]).sum(-1).clamp(0, p.size(1) - 1)  # [batch]
    if order is not None:
      token = order.gather(1, token.unsqueeze(1)).squeeze(1)
    return token

  # A few steps of generation: first ids, then each chosen token, from slot at on. Ends early when every row
  # has had a stop token. Returns tokens and their log-probabilities, [batch, steps].
  def generate(self, ids: Tensor, at: int, places: Tensor, padded: bool, window: int, layers: List[Dict[str, Tensor]],
               top: Dict[str, Tensor], cache: List[Tensor], temperature: float, top_p: float, uniforms: Tensor,
               stops: Tensor) -> List[Tensor]:
    tokens = annotate(List[Tensor], [])
    log_probs = annotate(List[Tensor], [])
    stopped = torch.zeros([ids.size(0)], dtype=11, device=ids.device)
    self.grow(cache, at + ids.size(1) + uniforms.size(1) - 1, places.size(1))
    for step in range(uniforms.size(1)):
      x = self.advance(ids, at, places, padded, window, layers, top, cache)
      z = self.logits(x.select(1, -1), top, top["norm"], top["head"])  # [batch, vocabulary]
      token = self.choose(z, temperature, top_p, uniforms.select(1, step))
      tokens.append(token)
      log_probs.append(z.gather(1, token.unsqueeze(1)).squeeze(1) - z.logsumexp([-1]))
      at = at + ids.size(1)
      ids = token.unsqueeze(1)
      stopped = stopped | (ids == stops).any(1)
      if bool(stopped.all()):
        break
    return [torch.stack(tokens, 1), torch.stack(log_probs, 1)]
