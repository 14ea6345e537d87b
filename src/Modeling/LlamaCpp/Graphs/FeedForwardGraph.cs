using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>The feed-forward part of a block: dense, or a mixture of experts with or without a shared one.</summary>
internal sealed class FeedForwardGraph(ComputeGraph graph, BlockShape shape, GraphRecipe recipe, LlamaCppModel model, int device)
{
    /// <summary>What the router says, where it does not read the same input.</summary>
    public GraphTensor? Logits { get; init; }

    /// <summary>What the block adds to its residual: [embedding length, tokens].</summary>
    public GraphTensor Add(GraphTensor current)
    {
        if (shape.ExpertsBesideDense)
        {
            return BesideDense(current);
        }

        if (shape.Experts == 0)
        {
            return Dense(current, shape.FeedForward, shape.Gated, shape.FusedGate, shape.FeedForwardBias);
        }

        GraphTensor mixed = Mixture(current, current);
        if (shape.FeedForward > 0)
        {
            // Grok: the dense part beside the experts reads the same input; both are scaled together.
            GraphTensor dense = Dense(current, shape.FeedForward, shape.Gated, shape.FusedGate, shape.FeedForwardBias);
            return InPlace(InPlace(dense, mixed));
        }

        if (shape.SharedFeedForward == 0)
        {
            return mixed;
        }

        GraphTensor shared = Dense(current, shape.SharedFeedForward, shape.GatedExperts, fused: false, bias: false);
        if (shape.SharedGate)
        {
            shared = InPlace(shared, InPlace(MultiplyMatrix(Weight(device), current, 1)));
        }

        return InPlace(mixed, shared);
    }

    /// <summary>Gemma 4: dense part and experts read the residual through norms of their own, and have norms after them.</summary>
    private GraphTensor BesideDense(GraphTensor residual)
    {
        GraphTensor dense = Normal(Dense(Normal(residual), shape.FeedForward, shape.Gated, shape.FusedGate, shape.FeedForwardBias));
        GraphTensor routed = InPlace(InPlace(InPlace(residual)), Weight(device));
        return InPlace(dense, Normal(Mixture(Normal(residual), routed)));

        GraphTensor Normal(GraphTensor tensor) => InPlace(InPlace(tensor), Weight(device));
    }

    private GraphTensor Dense(GraphTensor current, long length, bool gated, bool fused, bool bias)
    {
        long width = current.Shape.N0;
        GraphTensor up = Biased(MultiplyMatrix(Weight(device), current, fused ? 2 * length : length), bias);
        GraphTensor active = gated ? Glu(length, Biased(MultiplyMatrix(Weight(device), current, length), bias), up)
            : fused ? Glu(length, up)
            : InPlace(up);
        return Biased(MultiplyMatrix(Weight(device), active, width), bias);
    }

    private static GraphTensor Glu(long length, params GraphTensor[] sources) =>
        Compute(GraphElement.F32, sources[0].Shape with { N0 = length }, sources);

    private GraphTensor Biased(GraphTensor tensor, bool bias) => bias ? InPlace(tensor, Weight(device)) : tensor;

    private GraphTensor Mixture(GraphTensor current, GraphTensor routed)
    {
        (long width, long tokens, _, _) = current.Shape;
        long used = Math.Max(1, model.ExpertUsedCount);
        GraphTensor logits = Logits ?? Biased(MultiplyMatrix(Weight(device), routed, shape.Experts), shape.ExpertBias);
        GraphTensor probabilities = recipe.SoftMaxOfChosen ? logits : InPlace(logits);
        GraphTensor selection = recipe.SigmoidRouter ? logits : shape.SelectionBias ? InPlace(probabilities, Weight(device)) : probabilities;
        selection = Grouped(selection, tokens);
        GraphTensor order = Compute(GraphElement.I32, selection.Shape, selection);
        GraphTensor chosen = View(order, (used, tokens, 1, 1), order.Strides);
        GraphTensor weights = GetRows(Reshape(probabilities, 1, shape.Experts, tokens), chosen, 1);
        weights = Weigh(weights, used, tokens);
        graph.Expand(weights);

        GraphTensor rows = Reshape(current, width, 1, tokens);
        if (recipe.WeightsBeforeExperts)
        {
            GraphTensor repeated = Compute(GraphElement.F32, (width, used, tokens, 1), rows);
            rows = InPlace(repeated, weights);
        }

        GraphTensor experts = ExpertBiased(ByExpert(Activate(rows, chosen, used, tokens), chosen, width, used, tokens), chosen);
        if (shape.ScaledExperts)
        {
            GraphTensor scales = Compute(GraphElement.F32, (1, shape.Experts, tokens, 1), Weight(device));
            experts = InPlace(experts, GetRows(scales, chosen, 1));
        }

        if (!recipe.WeightsBeforeExperts)
        {
            experts = InPlace(experts, weights);
        }

        graph.Expand(experts);
        return Sum(experts, width, used, tokens);
    }

    /// <summary>DeepSeek V3: only experts of the best groups can be chosen.</summary>
    private GraphTensor Grouped(GraphTensor selection, long tokens)
    {
        if (model.ExpertGroups <= 1)
        {
            return selection;
        }

        long perGroup = shape.Experts / model.ExpertGroups;
        GraphTensor groups = Reshape(selection, perGroup, model.ExpertGroups, tokens);
        GraphTensor sorted = Compute(GraphElement.I32, groups.Shape, groups);
        GraphTensor best = View(sorted, (2, model.ExpertGroups, tokens, 1), sorted.Strides);
        GraphTensor scores = Compute(GraphElement.F32, (1, 2, model.ExpertGroups, tokens), Reshape(groups, 1, perGroup, model.ExpertGroups, tokens), best);
        GraphTensor sums = Compute(GraphElement.F32, (1, model.ExpertGroups, tokens, 1), Reshape(scores, 2, model.ExpertGroups, tokens));
        GraphTensor perToken = Reshape(sums, model.ExpertGroups, tokens);
        GraphTensor order = Compute(GraphElement.I32, perToken.Shape, perToken);
        GraphTensor used = View(order, (model.ExpertGroupsUsed, tokens, 1, 1), order.Strides);
        GraphTensor kept = Compute(GraphElement.F32, (perGroup, model.ExpertGroupsUsed, tokens, 1), groups, used);
        GraphTensor filled = InPlace(groups);
        return Reshape(WriteInto(filled, kept, used, filled), shape.Experts, tokens);
    }

    private GraphTensor Weigh(GraphTensor weights, long used, long tokens)
    {
        if (recipe.SoftMaxOfChosen)
        {
            weights = Reshape(InPlace(Reshape(weights, used, tokens)), 1, used, tokens);
        }

        if (recipe.NormalizedWeights)
        {
            GraphTensor flat = Reshape(weights, used, tokens);
            GraphTensor sum = Compute(GraphElement.F32, (1, tokens, 1, 1), flat);
            GraphTensor clamped = WriteInto(sum, sum);
            weights = Reshape(InPlace(flat, clamped), 1, used, tokens);
        }

        return recipe.ScaledWeights ? InPlace(weights) : weights;
    }

    private GraphTensor Activate(GraphTensor rows, GraphTensor chosen, long used, long tokens)
    {
        long length = shape.ExpertFeedForward;
        if (shape.FusedExpertGate)
        {
            GraphTensor both = ExpertBiased(ByExpert(rows, chosen, 2 * length, used, tokens), chosen);
            return Glu(length, View(both, (length, used, tokens, 1), both.Strides), View(both, (length, used, tokens, 1), both.Strides));
        }

        GraphTensor up = ExpertBiased(ByExpert(rows, chosen, length, used, tokens), chosen);
        return shape.GatedExperts ? Glu(length, ExpertBiased(ByExpert(rows, chosen, length, used, tokens), chosen), up) : InPlace(up);
    }

    private GraphTensor ByExpert(GraphTensor rows, GraphTensor chosen, long length, long used, long tokens) =>
        Compute(GraphElement.F32, (length, used, tokens, 1), Weight(device), rows, chosen);

    private GraphTensor ExpertBiased(GraphTensor tensor, GraphTensor chosen) => shape.ExpertBias ? InPlace(tensor, Weight(device), chosen) : tensor;

    private GraphTensor Sum(GraphTensor experts, long width, long used, long tokens)
    {
        // From the third on each sum lies in the place of the one before: more of them would change nothing.
        const int Enough = 16;
        var parts = new GraphTensor[Math.Min(used, Enough)];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = graph.Expand(View(experts, (width, tokens, 1, 1), (experts.Strides.B0, experts.Strides.B2, experts.Strides.B2 * tokens, experts.Strides.B2 * tokens)));
        }

        GraphTensor sum = parts[0];
        for (int i = 1; i < parts.Length; i++)
        {
            sum = graph.Expand(InPlace(sum, parts[i]));
        }

        return used == 1 ? Contiguous(sum) : sum;
    }
}
