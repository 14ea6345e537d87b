using GpuStack.Modeling.LlamaCpp.Graphs;
using static GpuStack.Modeling.LlamaCpp.Projectors.GraphOperations;

namespace GpuStack.Modeling.LlamaCpp.Projectors;

/// <summary>The transformer block of a vision or audio tower, and the steps that all towers share.</summary>
internal sealed class TowerBlock(GraphBuilder graph, ProjectorTower tower, long tokens, bool flashAttention)
{
    private readonly long _width = tokens * tower.EmbeddingLength;

    /// <summary>Whether norms are root-mean-square norms, which work in place.</summary>
    public bool RootMeanSquare { get; init; }

    /// <summary>Inputs of the rotary positions; null without them.</summary>
    public GraphTensor? Positions { get; init; }

    /// <summary>One block.</summary>
    /// <param name="input">The residual stream.</param>
    /// <param name="mask">A mask over the tokens; null when every token sees all.</param>
    public GraphTensor Add(GraphTensor input, GraphTensor? mask = null)
    {
        GraphTensor attended = Attention(Norm(input, tower.NormBias), mask);
        if (tower.LayerScale)
        {
            attended = Scale(attended);
        }

        GraphTensor residual = InPlace(attended, input);
        GraphTensor fed = FeedForward(Norm(residual, tower.NormBias), tokens, tower.FeedForwardLength, tower.EmbeddingLength, tower.Gated, tower.Bias);
        if (tower.LayerScale)
        {
            fed = Scale(fed);
        }

        return InPlace(residual, fed);
    }

    /// <summary>A norm with its weight, and its bias where it has one.</summary>
    public GraphTensor Norm(GraphTensor input, bool bias) => GraphOperations.Norm(input, bias, RootMeanSquare);

    private GraphTensor Attention(GraphTensor input, GraphTensor? mask)
    {
        GraphTensor queries, keys, values;
        if (tower.FusedAttention)
        {
            GraphTensor fused = Multiply(3 * _width, input, tower.Bias);
            (queries, keys, values) = (View(fused, _width), View(fused, _width), View(fused, _width));
        }
        else
        {
            queries = Multiply(_width, input, tower.Bias);
            keys = Multiply(_width, input, tower.KeyBias);
            values = Multiply(_width, input, tower.Bias);
            if (tower.QueryKeyNorm)
            {
                (queries, keys) = (Norm(queries, bias: false), Norm(keys, bias: false));
            }

            (queries, keys, values) = (View(queries), View(keys), View(values));
        }

        if (Positions is { } positions)
        {
            (queries, keys) = (InPlace(queries, positions), InPlace(keys, positions));
        }

        graph.Expand(queries);
        graph.Expand(keys);
        graph.Expand(values);
        return Multiply(_width, flashAttention ? Flash(queries, keys, values, mask) : Scores(queries, keys, values, mask), tower.Bias);
    }

    private GraphTensor Flash(GraphTensor queries, GraphTensor keys, GraphTensor values, GraphTensor? mask)
    {
        GraphTensor query = View(queries);
        GraphTensor key = Half(_width, View(keys));
        GraphTensor value = Half(_width, View(values));
        return View(mask is null ? New(_width, query, key, value) : New(_width, query, key, value, mask));
    }

    private GraphTensor Scores(GraphTensor queries, GraphTensor keys, GraphTensor values, GraphTensor? mask)
    {
        GraphTensor query = View(queries);
        GraphTensor key = View(keys);
        GraphTensor value = Transposed(values);
        GraphTensor scores = New(tokens * tokens * tower.HeadCount, key, query);
        scores = mask is null ? InPlace(scores) : InPlace(scores, mask);
        return Transposed(New(_width, value, scores));
    }
}
