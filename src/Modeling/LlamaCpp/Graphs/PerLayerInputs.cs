using static GpuStack.Modeling.LlamaCpp.Graphs.ComputeGraph;

namespace GpuStack.Modeling.LlamaCpp.Graphs;

/// <summary>
/// Embeddings of their own that tokens have in every block (Gemma 3n and 4). They are looked up on the host, and are brought together with a
/// projection of the usual embeddings where the first block is.
/// </summary>
internal sealed class PerLayerInputs(ComputeGraph graph, LlamaCppModel model, GraphPlacement placement, long tokens, int length)
{
    private GraphTensor _rows = null!;
    private GraphTensor _all = null!;
    private bool _scaled;

    /// <summary>Looks them up; they are scaled when they are used.</summary>
    public void LookUp() => _rows = graph.Expand(Rows());

    /// <summary>Looks them up and scales them.</summary>
    public void LookUpScaled()
    {
        _rows = graph.Expand(InPlace(Reshape(Rows(), length, model.BlockCount, tokens)));
        _scaled = true;
    }

    /// <summary>Adds a projection of the usual embeddings.</summary>
    public void Project(GraphTensor embeddings)
    {
        int device = placement.Backends[0];
        GraphTensor projected = InPlace(MultiplyMatrix(Weight(device), embeddings, (long)length * model.BlockCount));
        GraphTensor normal = InPlace(InPlace(Reshape(projected, length, model.BlockCount, tokens)), Weight(device));
        GraphTensor rows = _scaled ? _rows : Reshape(InPlace(_rows), length, model.BlockCount, tokens);
        _all = Contiguous(SwapHeadsAndTokens(InPlace(InPlace(normal, rows))));
    }

    /// <summary>Those of one block (which one does not matter here): [length, tokens].</summary>
    public GraphTensor OfBlock() => Part(_all, length, tokens);

    private GraphTensor Rows() => GetRows(Weight(placement.Devices), Input(GraphElement.I32, tokens), (long)length * model.BlockCount);
}
