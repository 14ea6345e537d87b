using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.LlamaCpp;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Gguf.Fuzzing;

/// <summary>
/// Everything that a model file goes through: header, facts, estimate. Whatever the bytes are, that ends in a
/// <see cref="GgufFormatException"/> or an estimate, in memory in proportion to the input, and reads the source once.
/// </summary>
internal static class GgufFuzzTarget
{
    /// <summary>A reader's buffers, the formulas' tables, and an exception's texts.</summary>
    private const long FixedBytes = 2 << 20;

    /// <summary>A number of an array is one byte in the file and an object of some 90 bytes once kept.</summary>
    private const long BytesPerByte = 200;

    /// <summary>What is wrong with how the bytes were handled; null when nothing is.</summary>
    public static string? Failure(byte[] bytes, Options options = default) => Failure(bytes, options, out _);

    /// <summary>The same, and whether the bytes are those of a model, so that they came to an estimate.</summary>
    public static string? Failure(byte[] bytes, Options options, out bool estimated)
    {
        estimated = false;
        var source = new BytesSource(bytes, options.Piece == 0 ? int.MaxValue : options.Piece, options.LengthKnown);
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Run(source);
            estimated = true;
        }
        catch (GgufFormatException exception)
        {
            if (exception.Message.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            {
                return "the message has control characters";
            }
        }
        catch (Exception exception)
        {
            return $"{exception.GetType().Name}: {exception.Message} {exception.StackTrace}";
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > FixedBytes + (BytesPerByte * bytes.Length))
        {
            return $"{allocated} bytes were allocated for {bytes.Length}";
        }

        // Numbers that are passed over are looked for at their end, once.
        return source.BytesRead > bytes.Length + 1 || source.Reads > bytes.Length + 8
            ? $"{source.BytesRead} bytes were read in {source.Reads} steps, of {bytes.Length}"
            : null;
    }

    private static void Run(IByteRangeSource source)
    {
        // The source answers at once, so the task is complete when it is returned.
        Task<GgufHeader> reading = GgufReader.ReadAsync(source);
        if (!reading.IsCompleted)
        {
            throw new InvalidOperationException("The reader waits for something else than its source.");
        }

        GgufHeader header = reading.GetAwaiter().GetResult();
        long data = header.Tensors.Sum(tensor => tensor.Size);
        if (data < 0 || header.FileSize < data || header.FileSize < header.DataOffset)
        {
            throw new InvalidOperationException($"The tensors have {data} bytes, but the file {header.FileSize}.");
        }

        LlamaCppModel model = LlamaCppModel.FromGguf(header);
        LlamaCppCosts costs = LlamaCppCosts.Create(model, new LlamaCppOptions { ContextLength = new Tokens(4096) });
        MemoryEstimate estimate = costs.Estimate(new DeviceSplit { LayersPerDevice = [costs.OffloadableLayers] });
        if (estimate.Total.Value < 0)
        {
            throw new InvalidOperationException("The estimate is negative.");
        }
    }

    /// <summary>How the source behaves.</summary>
    /// <param name="Piece">The most bytes that one read gives; 0 for all that are asked for.</param>
    /// <param name="LengthKnown">Whether the source tells how long it is.</param>
    internal readonly record struct Options(int Piece, bool LengthKnown);
}
