using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// A block of RWKV 7. It mixes each token with the one before it, twice: into a recurrence over a state per head (time mix), and into
/// a feed-forward part (channel mix). The last token of both is kept. Values of all blocks are mixed with those of the first.
/// </summary>
internal sealed class TimeMixGraph(
    BlockShape shape, TimeMixShape ranks, RecurrentState state, RecurrentStates states, int device, Func<GraphTensor, int, GraphTensor> norm)
{
    /// <summary>What is mixed at a time: receptance, decay, key, value, rate, and the gate.</summary>
    private const int Mixed = 5;

    /// <summary>The residual after the block: [embedding length, tokens].</summary>
    /// <param name="input">The residual before.</param>
    /// <param name="firstValue">The values of the first block, which sets them.</param>
    /// <param name="outputRows">Rows to go on with; null for all.</param>
    public GraphTensor Add(GraphTensor input, ref GraphTensor? firstValue, GraphTensor? outputRows)
    {
        (long width, long all, _, _) = input.Shape;
        long sequences = states.Sequences;
        long tokens = all / sequences;
        GraphTensor residual = Reshape(input, width, tokens, sequences);
        GraphTensor shifts = Reshape(states.Read(2 * width), width, 2, sequences);
        GraphTensor normal = norm(residual, device);
        GraphTensor mixed = TimeMix(normal, Before(normal), ref firstValue);
        GraphTensor between = InPlace(mixed, residual);
        GraphTensor feedForwardNormal = norm(between, device);
        GraphTensor previous = Before(feedForwardNormal);
        GraphTensor kept = Compute(GraphElement.F32, (width, 2, sequences, 1), Last(normal), Last(feedForwardNormal));
        states.Write(Reshape(kept, 2 * width * sequences));

        between = Chosen(Reshape(between, width, all));
        feedForwardNormal = Chosen(Reshape(feedForwardNormal, width, all));
        previous = Chosen(Reshape(previous, width, all));
        GraphTensor lerped = InPlace(InPlace(InPlace(previous, feedForwardNormal), Weight(device)), feedForwardNormal);
        GraphTensor active = InPlace(MultiplyMatrix(Weight(device), lerped, shape.FeedForward));
        return InPlace(MultiplyMatrix(Weight(device), active, width), between);

        GraphTensor Last(GraphTensor tensor) => View(tensor, (width, 1, sequences, 1), tensor.Strides);

        // Each token's predecessor: the kept one, then all but the last.
        GraphTensor Before(GraphTensor tensor) => Compute(
            GraphElement.F32,
            (width, tokens, sequences, 1),
            View(shifts, (width, 1, sequences, 1), shifts.Strides),
            View(tensor, (width, tokens - 1, sequences, 1), tensor.Strides));

        GraphTensor Chosen(GraphTensor tensor) => outputRows is null ? tensor : GetRows(tensor, outputRows, width);
    }

    private GraphTensor TimeMix(GraphTensor current, GraphTensor previous, ref GraphTensor? firstValue)
    {
        (long width, long perSequence, long sequences, _) = current.Shape;
        long tokens = perSequence * sequences;
        long length = Math.Clamp(state.StateSize, 1, width);
        long heads = Math.Max(1, width / length);
        int count = ranks.Gate > 0 ? Mixed + 1 : Mixed;
        GraphTensor difference = InPlace(previous, current);
        GraphTensor repeated = Compute(GraphElement.F32, (width, perSequence, sequences, count), difference);
        GraphTensor lerped = InPlace(InPlace(repeated, Weight(device)), current);

        GraphTensor receptance = MultiplyMatrix(Weight(device), Part(), width);
        GraphTensor decay = InPlace(InPlace(LowRank(ranks.Decay, activated: true), Weight(device)));
        GraphTensor key = MultiplyMatrix(Weight(device), Part(), width);
        GraphTensor value = MultiplyMatrix(Weight(device), Part(), width);
        if (firstValue is null)
        {
            firstValue = value;
        }
        else
        {
            GraphTensor share = InPlace(InPlace(LowRank(ranks.Value, activated: false), Weight(device)));
            value = InPlace(value, InPlace(InPlace(firstValue, value), share));
        }

        GraphTensor rate = InPlace(InPlace(LowRank(ranks.Rate, activated: false), Weight(device)));
        GraphTensor direction = Heads(InPlace(key, Weight(device)));
        direction = Compute(GraphElement.F32, direction.Shape, direction);
        GraphTensor scaled = InPlace(key, Weight(device));
        key = InPlace(key, InPlace(InPlace(rate, scaled), scaled));

        GraphTensor before = states.Read(width * length);
        GraphTensor result = Compute(
            GraphElement.F32,
            (width, tokens + (length * sequences), 1, 1),
            Heads(receptance), Heads(decay), Heads(key), Heads(value), InPlace(direction), InPlace(direction, Heads(rate)), before);
        states.Write(View(result, (width * length * sequences, 1, 1, 1), result.Strides));

        GraphTensor output = Heads(View(result, (width * tokens, 1, 1, 1), result.Strides));
        output = Reshape(Compute(GraphElement.F32, output.Shape, output), width, tokens);
        output = InPlace(InPlace(output, Weight(device)), Weight(device));
        GraphTensor products = InPlace(InPlace(Heads(key), Heads(receptance)), Weight(device));
        GraphTensor sums = Compute(GraphElement.F32, products.Shape with { N0 = 1 }, products);
        output = InPlace(output, Reshape(InPlace(Heads(value), sums), width, tokens));
        if (ranks.Gate > 0)
        {
            GraphTensor gate = InPlace(MultiplyMatrix(Weight(device), Part(), ranks.Gate));
            output = InPlace(output, MultiplyMatrix(Weight(device), gate, width));
        }

        return Reshape(MultiplyMatrix(Weight(device), output, width), width, perSequence, sequences);

        GraphTensor Part() => View(lerped, (width, tokens, 1, 1), lerped.Strides);

        GraphTensor Heads(GraphTensor tensor) => Reshape(tensor, length, heads, tokens);

        GraphTensor LowRank(int rank, bool activated)
        {
            GraphTensor low = MultiplyMatrix(Weight(device), Part(), rank);
            return MultiplyMatrix(Weight(device), activated ? InPlace(low) : low, width);
        }
    }
}
