using System.CommandLine;
using GpuStack.Placement.Products;

namespace GpuStack.Operator.Commands;

/// <summary>The option of commands that look at nodes: GPU products beside those that ship with the program.</summary>
internal static class GpuProducts
{
    public static Option<string?> Option() => new("--gpu-products")
    {
        Description = "A JSON file with further GPU products, {\"products\": [{\"vendor\", \"name\", \"memoryMiB\", \"bandwidthGBs\", …}]}; equal names replace those that are known",
        HelpName = "FILE",
    };

    /// <summary>The products that are known, with those of a file.</summary>
    /// <exception cref="InputException">There is no such file, or it is no product table; names the entry and the field.</exception>
    public static async Task<ProductTable> ReadAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null)
            return ProductTable.Default;
        try
        {
            return ProductTable.Default.Extend(await InputFile.ReadAsync(file, cancellationToken), file);
        }
        catch (FormatException exception)
        {
            throw new InputException(exception.Message, exception);
        }
    }
}
