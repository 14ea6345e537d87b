using System.Collections.Immutable;

namespace GpuStack.Modeling.LlamaCpp;

/// <summary>
/// llama.cpp's rule for giving layers to devices, in its own arithmetic: with <c>n</c> layers and running sums <c>S[j]</c>
/// of the split weights divided by their total (all in 32-bit floats), layer <c>i</c> of the <c>n</c> goes to the first
/// device with <c>S[j] &gt; i/n</c>; what no device takes goes to the last.
/// </summary>
public static class LayerSplit
{
    /// <summary>The layers each device gets of <paramref name="layers"/> when llama.cpp is given <paramref name="split"/> (<c>--tensor-split</c>).</summary>
    /// <exception cref="ArgumentException">The split is empty, negative, not finite, or sums to nothing.</exception>
    public static ImmutableArray<int> LayersPerDevice(int layers, IReadOnlyList<float> split)
    {
        float[] sums = RunningSums(split);
        var counts = new int[sums.Length];
        for (int i = 0; i < layers; i++)
        {
            float position = (float)i / layers;
            int device = 0;
            while (device < sums.Length - 1 && !(sums[device] > position))
            {
                device++;
            }

            counts[device]++;
        }

        return ImmutableArray.Create(counts);
    }

    /// <summary>
    /// Whether llama.cpp, given the layer counts themselves as its split (as the operator does), gives each device exactly these.
    /// </summary>
    public static bool Reproduces(IReadOnlyList<int> layersPerDevice)
    {
        int layers = 0;
        var split = new float[layersPerDevice.Count];
        for (int i = 0; i < split.Length; i++)
        {
            layers += layersPerDevice[i];
            split[i] = layersPerDevice[i];
        }

        if (layers == 0)
        {
            return true;
        }

        ImmutableArray<int> result = LayersPerDevice(layers, split);
        for (int i = 0; i < split.Length; i++)
        {
            if (result[i] != layersPerDevice[i])
            {
                return false;
            }
        }

        return true;
    }

    private static float[] RunningSums(IReadOnlyList<float> split)
    {
        if (split.Count == 0)
        {
            throw new ArgumentException("The split names no device.", nameof(split));
        }

        var sums = new float[split.Count];
        float total = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            if (!(split[i] >= 0) || float.IsInfinity(split[i]))
            {
                throw new ArgumentException("A split holds finite numbers that are not negative.", nameof(split));
            }

            total += split[i];
            sums[i] = total;
        }

        if (!(total > 0) || float.IsInfinity(total))
        {
            throw new ArgumentException("A split needs a positive, finite sum.", nameof(split));
        }

        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] /= total;
        }

        return sums;
    }
}
