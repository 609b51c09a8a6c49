// Each class starts the product and a browser; side by side they would only slow each other down.
[assembly: Xunit.CollectionBehavior(DisableTestParallelization = true)]
