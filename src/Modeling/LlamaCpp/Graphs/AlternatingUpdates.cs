using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Gemma 3n's blocks: the residual consists of several copies, of which each block predicts all, computes one, and corrects the others.
/// Copies are made, and merged, with weights of the output layer. Shapes are [embedding length, tokens, copies].
/// </summary>
internal sealed class AlternatingUpdates(LlamaCppModel model, GraphPlacement placement, GraphInputs inputs, Func<GraphTensor, int, GraphTensor> norm)
{
    /// <summary>The first blocks keep only the largest of their gates; llama.cpp knows how many.</summary>
    private const int SparseBlocks = 10;

    private readonly long _copies = model.ShapeOf(0).Residuals;

    /// <summary>Makes the copies from the embeddings.</summary>
    public GraphTensor Spread(GraphTensor embeddings)
    {
        (long width, long tokens, _, _) = embeddings.Shape;
        GraphTensor target = Magnitude(embeddings);
        GraphTensor repeated = Compute(GraphElement.F32, (width, tokens, _copies - 1, 1), embeddings);
        GraphTensor added = MultiplyMatrix(Weight(placement.Output), repeated, width);
        GraphTensor magnitude = Magnitude(added);
        added = InPlace(InPlace(added, target), magnitude);
        return Compute(GraphElement.F32, (width, tokens, _copies, 1), embeddings, added);
    }

    /// <summary>Merges the copies, and keeps the rows of the output.</summary>
    public GraphTensor Merge(GraphTensor current)
    {
        GraphTensor target = Magnitude(One(current));
        GraphTensor projected = MultiplyMatrix(Weight(placement.Output), Rest(current), current.Shape.N0);
        GraphTensor magnitude = Magnitude(projected);
        projected = InPlace(InPlace(projected, target), magnitude);
        GraphTensor merged = One(current);
        for (int i = 1; i < _copies; i++)
        {
            merged = InPlace(merged, One(projected));
        }

        return GetRows(InPlace(merged), inputs.OutputRows, current.Shape.N0);
    }

    /// <summary>One block.</summary>
    public GraphTensor Block(GraphTensor current, int block, int device, AttentionGraph attention)
    {
        BlockShape shape = model.ShapeOf(block);
        (long width, long tokens, _, _) = current.Shape;
        GraphTensor predictions = Predict(current, device);
        GraphTensor active = One(predictions);
        GraphTensor normal = norm(active, device);
        GraphTensor learned = MultiplyMatrix(Weight(device), MultiplyMatrix(Weight(device), normal, shape.ResidualRank), width);
        learned = InPlace(norm(learned, device), normal);
        GraphTensor attended = InPlace(norm(attention.Attend(normal, width), device), active);
        GraphTensor both = InPlace(InPlace(attended, learned));
        GraphTensor activated = InPlace(norm(FeedForward(norm(both, device), shape, block, device), device), both);
        GraphTensor corrected = Correct(predictions, activated, device);

        GraphTensor first = InPlace(One(corrected), Weight(device));
        first = InPlace(MultiplyMatrix(Weight(device), first, shape.PerLayerEmbedding));
        first = InPlace(first, inputs.PerLayer!.OfBlock());
        first = norm(MultiplyMatrix(Weight(device), first, width), device);
        GraphTensor rest = InPlace(Rest(corrected), first);
        return Compute(GraphElement.F32, (width, tokens, _copies, 1), One(corrected), rest);
    }

    private static GraphTensor FeedForward(GraphTensor current, BlockShape shape, int block, int device)
    {
        GraphTensor up = MultiplyMatrix(Weight(device), current, shape.FeedForward);
        GraphTensor gate = MultiplyMatrix(Weight(device), current, shape.FeedForward);
        gate = InPlace(block < SparseBlocks ? Largest(gate) : gate);
        return MultiplyMatrix(Weight(device), InPlace(up, gate), current.Shape.N0);
    }

    /// <summary>What exceeds the mean by a multiple of the standard deviation.</summary>
    private static GraphTensor Largest(GraphTensor gate)
    {
        GraphTensor mean = Compute(GraphElement.F32, gate.Shape with { N0 = 1 }, gate);
        GraphTensor deviation = InPlace(InPlace(InPlace(Sums(InPlace(InPlace(gate, mean))))));
        return InPlace(InPlace(gate, InPlace(mean, deviation)));
    }

    private GraphTensor Predict(GraphTensor current, int device)
    {
        (long width, long tokens, _, _) = current.Shape;
        GraphTensor coefficients = MultiplyMatrix(Weight(device), Router(One(current), device), _copies * _copies);
        (long b0, long b1, long b2, long b3) = current.Strides;
        GraphTensor permuted = Contiguous(View(current, (_copies, width, tokens, 1), (b2, b0, b1, b3)));
        GraphTensor predicted = Compute(GraphElement.F32, (width, _copies, tokens, 1), permuted, Reshape(coefficients, _copies, _copies, tokens));
        return InPlace(Contiguous(SwapHeadsAndTokens(predicted)), current);
    }

    private GraphTensor Correct(GraphTensor predictions, GraphTensor activated, int device)
    {
        (long width, long tokens, _, _) = predictions.Shape;
        GraphTensor innovation = InPlace(activated, One(predictions));
        GraphTensor coefficients = InPlace(MultiplyMatrix(Weight(device), Router(activated, device), _copies));
        coefficients = Contiguous(Transpose(coefficients), (1, tokens, _copies, 1));
        GraphTensor repeated = Compute(GraphElement.F32, (width, tokens, _copies, 1), innovation);
        return InPlace(InPlace(repeated, coefficients), predictions);
    }

    private GraphTensor Router(GraphTensor one, int device) => InPlace(MultiplyMatrix(Weight(device), InPlace(norm(one, device)), _copies));

    private static GraphTensor Magnitude(GraphTensor tensor) => InPlace(Sums(InPlace(tensor)));

    private static GraphTensor Sums(GraphTensor tensor) => Compute(GraphElement.F32, tensor.Shape with { N0 = 1 }, tensor);

    /// <summary>One of the copies; which one does not matter here.</summary>
    private static GraphTensor One(GraphTensor copies) => Part(copies, copies.Shape.N0, copies.Shape.N1);

    /// <summary>All copies but one.</summary>
    private GraphTensor Rest(GraphTensor copies) => Part(copies, copies.Shape.N0, copies.Shape.N1, _copies - 1);
}
